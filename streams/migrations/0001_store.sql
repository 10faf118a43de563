-- The event store (tables of postgres-es with defaulted extra columns), the log that the sequencer writes, and the
-- index of what accounts already know.

create schema store;

create table store.events (
    aggregate_type text not null,
    aggregate_id text not null check (aggregate_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    sequence bigint not null,
    event_type text not null,
    event_version text not null,
    -- json, not jsonb: the stored text is what the chain hashes.
    payload json not null,
    metadata json not null,
    -- Committed order is found by this and pg_snapshot_xmin, never by the identity alone.
    txid xid8 not null default pg_current_xact_id(),
    recorded_at timestamptz not null default clock_timestamp(),
    business text generated always as (metadata ->> 'business') stored not null
        check (business ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    id bigint generated always as identity,
    primary key (aggregate_type, aggregate_id, sequence)
);
create unique index events_id on store.events (id);
create index events_committed on store.events (txid, id);

-- Pages are some 100 KB of text. lz4 packs and unpacks them fast; pglz takes as long for a page as everything else
-- together (1.9 of 3.8 ms), so without lz4 they are stored as they are, at three times the space.
do $$
begin
    alter table store.events alter column payload set compression lz4;
exception when feature_not_supported then
    alter table store.events alter column payload set storage external;
end
$$;

create table store.snapshots (
    aggregate_type text not null,
    aggregate_id text not null,
    last_sequence bigint not null,
    current_snapshot bigint not null,
    payload json not null,
    primary key (aggregate_type, aggregate_id)
);

-- event_id is an event's id by construction (the sequencer inserts what it selected, and events never go): a foreign
-- key would lock and dirty every event row again.
create table store.log (
    position bigint primary key check (position > 0),
    business uuid not null,
    business_sequence bigint not null check (business_sequence > 0),
    event_id bigint not null unique,
    aggregate_type text not null,
    aggregate_id text not null,
    sequence bigint not null,
    event_type text not null,
    event_version text not null,
    recorded_at timestamptz not null,
    known_at timestamptz not null,
    -- Length of the payload's text: readers bound their batches by it.
    bytes integer not null,
    hash bytea not null check (octet_length(hash) = 32),
    unique (business, business_sequence)
);

-- known_at never falls along positions, so that what was known at a moment is a prefix: found by halving, without an
-- index of its own.
create function store.position_at(moment timestamptz) returns bigint language plpgsql stable as $$
declare
    low bigint := 0;
    high bigint := coalesce((select max(position) from store.log), 0);
    middle bigint;
begin
    while low < high loop
        middle := (low + high + 1) / 2;
        if (select known_at <= moment from store.log where position = middle) then
            low := middle;
        else
            high := middle - 1;
        end if;
    end loop;
    return low;
end
$$;

-- What accounts know can be read again from their events, so it needs no write-ahead log: after a crash of the server
-- both tables are empty and fill themselves.
create unlogged table store.account_head (
    account uuid primary key,
    sequence bigint not null
);
create unlogged table store.account_known (
    account uuid not null,
    id uuid not null,
    content bigint not null,
    sequence bigint not null,
    primary key (account, id)
);

create function store.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '%.% is append-only: % is refused', tg_table_schema, tg_table_name, lower(tg_op)
        using errcode = 'restrict_violation';
end
$$;
create trigger append_only before update or delete or truncate on store.events
    for each statement execute function store.refuse_change();
create trigger append_only before update or delete or truncate on store.log
    for each statement execute function store.refuse_change();

-- An event follows its predecessor, also in committed order: a transaction that got its id before the predecessor was
-- appended would stand before it in the log. Both are told as a unique violation, which stores take for a lost race.
-- It also stays with the business of its predecessor, whatever the writer was told.
create function store.follow_predecessor() returns trigger language plpgsql as $$
declare
    owner text;
begin
    if new.sequence < 1 then
        raise exception 'events of an aggregate are counted from 1' using errcode = 'check_violation';
    elsif new.sequence = 1 then
        return new;
    end if;
    select business into owner from store.events
        where aggregate_type = new.aggregate_type and aggregate_id = new.aggregate_id
          and sequence = new.sequence - 1 and txid <= new.txid;
    if not found then
        raise exception '% %: event % does not follow event %',
            new.aggregate_type, new.aggregate_id, new.sequence, new.sequence - 1
            using errcode = 'unique_violation';
    elsif owner <> new.metadata ->> 'business' then
        raise exception '% % belongs to another business', new.aggregate_type, new.aggregate_id
            using errcode = 'WD404';
    end if;
    return new;
end
$$;
create trigger follow_predecessor before insert on store.events
    for each row execute function store.follow_predecessor();

create function store.wake_sequencer() returns trigger language plpgsql as $$
begin
    perform pg_notify('workdock_events', '');
    return null;
end
$$;
create trigger wake_sequencer after insert on store.events
    for each statement execute function store.wake_sequencer();

-- What the program needs and nothing more, for installations where it does not own the database.
create function store.grant_to(program name) returns void language plpgsql as $$
begin
    execute format('grant usage on schema store to %I', program);
    execute format('grant select, insert on store.events, store.log to %I', program);
    execute format('grant select, insert, update, delete on store.snapshots, store.account_head, store.account_known to %I', program);
end
$$;
revoke all on function store.grant_to(name) from public;
do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        perform store.grant_to('workdock');
    end if;
end
$$;
