-- What a business consists of, as of now. `position`: the event that changed the row last. Names are in no
-- row: `named_at` is the event whose first text is the name, and an account's external id is the second text of the
-- event at `opened_at`; both stand there sealed.
create table business (
    id uuid primary key,
    named_at bigint not null,
    base_currency text not null,
    time_zone text not null,
    fiscal_first_month integer not null,
    position bigint not null
);

create table source (
    id uuid primary key,
    business uuid not null,
    kind text not null,
    named_at bigint not null,
    connected boolean not null,
    position bigint not null
);
create index source_by_business on source (business, id);

create table account (
    id uuid primary key,
    business uuid not null,
    source uuid not null,
    named_at bigint not null,
    opened_at bigint not null,
    currency text not null,
    closed boolean not null,
    -- The day from which on its balances are not what is counted; null where none differs.
    differs_from date,
    -- The event that said the last of it; 0 before the first.
    checked_at bigint not null,
    position bigint not null
);
create index account_by_business on account (business, id);

-- One run that delivered transactions to an account: what came when. Pages that only moved a cursor are not counted
-- in the sums but make a batch.
create table batch (
    id uuid not null,
    business uuid not null,
    account uuid not null,
    source uuid not null,
    first_position bigint not null,
    last_position bigint not null,
    started_at timestamptz not null,
    last_at timestamptz not null,
    added bigint not null,
    amended bigint not null,
    removed bigint not null,
    primary key (id, account)
);
create index batch_by_business on batch (business, last_position);
