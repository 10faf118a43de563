-- What the fold must know: the zones a business has counted its days in (the present one last), whose an account is.
create table scope_business (
    business uuid primary key,
    time_zones text[] not null
);
create table scope_account (
    account uuid primary key,
    business uuid not null
);

-- Every revision of every transaction, valid from one position until before another (the largest bigint: it stands).
create table transaction (
    business uuid not null,
    account uuid not null,
    id uuid not null,
    day date not null,
    booked text not null,
    value_date date,
    pending boolean not null,
    amount numeric not null,
    currency text not null,
    kind text not null,
    category text not null,
    -- The source's own word for it, where it is another.
    provider_category text,
    -- What stands over what the source says (JSON), the parts of a split among it; null where nothing does.
    decided text,
    line integer,
    -- Which of its event's transactions it is: where its texts stand, which are in the event alone, sealed.
    place integer not null,
    cause text not null,
    valid_from bigint not null,
    valid_to bigint not null,
    primary key (id, valid_from, day)
);
create index transaction_by_day on transaction (business, day, id);
-- What users chose, rules decided and was learned: few of them, and learned from.
create index transaction_decided on transaction (business, valid_from) where decided is not null;

-- What each event changed; append-only. Amounts and count are negative where it takes back.
create table metric_delta (
    business uuid not null,
    day date not null,
    account uuid not null,
    category text not null,
    kind text not null,
    currency text not null,
    position bigint not null,
    cause text not null,
    amount_in numeric not null,
    amount_out numeric not null,
    count bigint not null
);
create index metric_delta_by_position on metric_delta (business, position);
create index metric_delta_by_day on metric_delta (business, day, position);

-- The sum of metric_delta; no row where no transaction stands, and no part of one.
create table metric_daily (
    business uuid not null,
    day date not null,
    account uuid not null,
    category text not null,
    kind text not null,
    currency text not null,
    amount_in numeric not null,
    amount_out numeric not null,
    count bigint not null,
    primary key (business, day, account, category, kind, currency)
);

-- Cells and their cumulative sums after each position that changed them: as of a position is one probe each.
create table metric_cell (
    id bigint primary key,
    business uuid not null,
    grain text not null,
    bucket date not null,
    dim text not null,
    key text not null,
    kind text not null,
    currency text not null,
    unique (business, grain, dim, bucket, key, kind, currency)
);
create table metric_version (
    cell bigint not null,
    position bigint not null,
    amount_in numeric not null,
    amount_out numeric not null,
    count bigint not null,
    primary key (cell, position)
);

-- Exchange rates as recorded; of one day and pair the newest position stands. One unit of base is worth rate of quote.
create table exchange_rate (
    business uuid not null,
    base text not null,
    quote text not null,
    day date not null,
    position bigint not null,
    rate numeric not null,
    source text not null,
    primary key (business, base, quote, day, position)
);
create index exchange_rate_by_position on exchange_rate (business, position);

-- One row where old rows of transaction and metric_delta are dropped after so many days.
create table raw_retention (
    days integer not null check (days > 0)
);
