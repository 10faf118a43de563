-- Sources at providers: what opens them, sealed, and the ids that their transactions had.
create schema if not exists connectors;
create table connectors.credential (
    source uuid primary key,
    business uuid not null,
    sealed text not null,
    changed_at timestamptz not null default now()
);
-- An id under which a transaction goes on, e.g. that of the posted line of a pending one.
create table connectors.alias (
    source uuid not null,
    entity text not null,
    id text not null,
    transaction uuid not null,
    primary key (source, entity, id)
);
create index alias_by_transaction on connectors.alias (source, transaction);
do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        grant usage on schema connectors to workdock;
        grant select, insert, update, delete on connectors.credential, connectors.alias to workdock;
    end if;
end
$$;
