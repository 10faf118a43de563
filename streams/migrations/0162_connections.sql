-- Connections to providers: who works on which, when it is due, how far it is, and what it told.
create table connectors.connection (
    source uuid primary key,
    business uuid not null,
    provider text not null,
    -- The provider's name of it; a webhook says no more.
    external_id text not null,
    state text not null default 'choosing' check (state in ('choosing', 'active', 'ended')),
    -- Those that the user chose.
    accounts uuid[] not null default '{}',
    health text not null default 'healthy',
    reason text,
    health_since timestamptz not null default now(),
    next_at timestamptz not null default now(),
    -- A webhook or a person wants it looked at; what they want while it is looked at is done once more.
    asked_at timestamptz,
    asked_by text,
    -- Somebody wants it tried although it waits for its user.
    probe boolean not null default false,
    leased_by uuid,
    leased_until timestamptz,
    began_at timestamptz,
    ended_at timestamptz,
    succeeded_at timestamptz,
    failures integer not null default 0,
    history_from date,
    history_reached date,
    history_done_at timestamptz,
    accounts_done integer not null default 0,
    pages bigint not null default 0,
    transactions bigint not null default 0,
    created_at timestamptz not null default now()
);
create index connection_due on connectors.connection (next_at) where state = 'active';
create index connection_leased on connectors.connection (business) where leased_by is not null;
create index connection_of_provider on connectors.connection (provider, external_id);
create index connection_of_business on connectors.connection (business);

-- What each sync came to.
create table connectors.sync (
    id bigint generated always as identity primary key,
    source uuid not null,
    business uuid not null,
    cause text not null,
    began_at timestamptz not null default now(),
    ended_at timestamptz,
    outcome text not null default 'running',
    reason text,
    pages integer not null default 0,
    added bigint not null default 0,
    amended bigint not null default 0,
    removed bigint not null default 0,
    restarts integer not null default 0
);
create index sync_of_source on connectors.sync (source, id desc);

-- What the provider said an account holds, with the position of the log at which everything it had told was recorded.
create table connectors.balance (
    account uuid not null,
    told_at timestamptz not null,
    business uuid not null,
    source uuid not null,
    current numeric not null,
    available numeric,
    -- Of transactions that it counts later.
    pending numeric not null,
    position bigint not null,
    primary key (account, told_at)
);

-- Transactions that are not booked yet.
create table connectors.pending (
    account uuid not null,
    transaction uuid not null,
    source uuid not null,
    amount numeric not null,
    primary key (account, transaction)
);
create index pending_of_source on connectors.pending (source);

-- Authorisations that wait for their browser to come back.
create table connectors.begun (
    state bytea primary key,
    business uuid not null,
    source uuid not null,
    provider text not null,
    subject text not null,
    session uuid not null,
    sealed text not null,
    expires_at timestamptz not null
);

-- Webhooks that were taken.
create table connectors.webhook (
    provider text not null,
    delivery text not null,
    taken_at timestamptz not null default now(),
    primary key (provider, delivery)
);

-- When a provider may be asked the next time (generic cell rate algorithm).
create table connectors.budget (
    provider text primary key,
    free_at timestamptz not null
);
do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        grant select, insert, update, delete on connectors.connection, connectors.sync, connectors.balance,
            connectors.pending, connectors.begun, connectors.webhook, connectors.budget to workdock;
    end if;
end
$$;
