-- Data keys, wrapped by a key service whose own keys are not in this database.
-- The nil business is the installation. After destroyed_at nothing is left of a key, and none is made again.
create schema keys;
create table keys.data_key (
    business uuid not null,
    purpose text not null check (purpose in ('seal', 'digest')),
    version integer not null check (version > 0),
    master text,
    wrapped bytea,
    created_at timestamptz not null default clock_timestamp(),
    destroyed_at timestamptz,
    primary key (business, purpose, version),
    check ((wrapped is null) = (destroyed_at is not null) and (master is null) = (wrapped is null))
);
do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        grant usage on schema keys to workdock;
        grant select, insert, update on keys.data_key to workdock;
    end if;
end
$$;
