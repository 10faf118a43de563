-- Credentials that open nothing here any more and that their provider must still be told to end: sealed as they were.
create table connectors.retired (
    id uuid primary key default gen_random_uuid(),
    source uuid not null,
    business uuid not null,
    provider text not null,
    sealed text not null,
    tries integer not null default 0,
    next_at timestamptz not null default now(),
    since timestamptz not null default now()
);
create index retired_of_source on connectors.retired (source);
do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        grant select, insert, update, delete on connectors.retired to workdock;
    end if;
end
$$;
