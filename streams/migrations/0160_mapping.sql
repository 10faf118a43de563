-- How a person said that files of an account are read: the last mapping for each header row.
create schema if not exists sources;
create table sources.mapping (
    business uuid not null,
    -- Empty where the import named none.
    account text not null,
    -- `csv` or `qif`: others say everything themselves.
    format text not null,
    -- SHA-256 of the names of the columns.
    header bytea not null,
    mapping jsonb not null,
    kept_at timestamptz not null default now(),
    primary key (business, account, format, header)
);
do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        grant usage on schema sources to workdock;
        grant select, insert, update, delete on sources.mapping to workdock;
    end if;
end
$$;
