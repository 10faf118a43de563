-- Sign-in of the local owner: one-time links, and sessions that were ended before their time.
create schema if not exists access;
create table access.sign_in_link (
    hash bytea primary key,
    expires_at timestamptz not null,
    used_at timestamptz
);
create table access.ended_session (
    session uuid primary key,
    until timestamptz not null
);
do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        grant usage on schema access to workdock;
        grant select, insert, update, delete on access.sign_in_link, access.ended_session to workdock;
    end if;
end
$$;
