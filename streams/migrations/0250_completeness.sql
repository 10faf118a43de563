-- What statement files say of accounts as a whole, and which balances are still to be held against what is counted.
create table sources.statement (
    account uuid not null,
    -- A keyed hash of the file's bytes: the same file again takes the place of what it said before.
    file bytea not null,
    business uuid not null,
    -- The days that it is of, with its balances: a list of domain::completeness::Span.
    spans jsonb not null,
    -- Lines of the file that were refused.
    refused bigint not null,
    kept_at timestamptz not null default now(),
    primary key (account, file)
);
create index statement_of_business on sources.statement (business, file);

-- Accounts with statements that are to be checked, since something of them changed at this position.
create table sources.asked (
    account uuid primary key,
    business uuid not null,
    asked_at bigint not null
);

-- Up to where the log was looked at for changes of such accounts.
create table sources.followed (
    looked_to bigint not null
);
insert into sources.followed (looked_to) values (0);

-- What the account held before its first transaction, if this balance is right: one amount for ever.
alter table connectors.balance add column opening numeric;
-- Whether it was held against the others.
alter table connectors.balance add column checked boolean not null default false;
create index balance_to_check on connectors.balance (position) where not checked;

do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        grant select, insert, update, delete on sources.statement, sources.asked to workdock;
        grant select, update on sources.followed to workdock;
    end if;
end
$$;
