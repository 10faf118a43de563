-- Sources that go on after they were disconnected, and accounts that a provider calls by another id since.

-- Its data was taken out when it ended: whoever connects it again begins anew.
alter table connectors.connection add column erased boolean not null default false;
update connectors.connection c set erased = true
where state = 'ended' and exists (
    select from store.events e
    where e.event_type = 'account.closed' and e.aggregate_type = 'account'
        and e.aggregate_id = any(select unnest(c.accounts)::text));

-- Ids under which a provider tells an account.
create table connectors.account (
    source uuid not null,
    external_id text not null,
    business uuid not null,
    account uuid not null,
    -- A hash of what the account shows under any id, such as the last digits of its number.
    mark bytea,
    -- The cursor that the account had when it came under this id; it is one of the id before and opens nothing here.
    left_at text,
    primary key (source, external_id)
);
create index account_by_mark on connectors.account (business, mark) where mark is not null;

-- Transactions that were told under ids of before, and not yet under those of now.
create table connectors.former (
    account uuid not null,
    transaction uuid not null,
    source uuid not null,
    business uuid not null,
    primary key (account, transaction)
);
do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        grant select, insert, update, delete on connectors.account, connectors.former to workdock;
    end if;
end
$$;
