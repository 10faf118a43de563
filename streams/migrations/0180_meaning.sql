-- How far it has been decided what transactions mean. Nothing here is lost for good: decisions stand in the log, and
-- deciding again changes nothing that stands as it should.
create schema meaning;
-- One row: every event up to here was looked at.
create table meaning.followed (
    one boolean primary key default true check (one),
    looked_to bigint not null
);
insert into meaning.followed (looked_to) values (0);
-- Businesses whose transactions are all decided anew, newest first, because a rule or what was learned changed.
create table meaning.pass (
    business uuid primary key,
    -- The position of the event that asked for it: rows must show it.
    asked_at bigint not null,
    -- Only those of which the source knows nothing, and no more than so many; null: all.
    rest bigint,
    -- The last one that was looked at.
    day date,
    id uuid
);
do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        grant usage on schema meaning to workdock;
        grant select, update on meaning.followed to workdock;
        grant select, insert, update, delete on meaning.pass to workdock;
    end if;
end
$$;
