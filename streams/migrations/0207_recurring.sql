-- Payments that come again and again, as they were found last. Nothing here is lost for good: they are found again from
-- the transactions. No text stands here; whose payments they are is said by those of them that are named.
create schema recurring;
-- One row: every event up to here was looked at.
create table recurring.followed (
    one boolean primary key default true check (one),
    looked_to bigint not null
);
insert into recurring.followed (looked_to) values (0);
-- Businesses whose transactions changed since they were looked through.
create table recurring.asked (
    business uuid primary key,
    -- The position of the newest event that asked for it: rows must show it.
    asked_at bigint not null,
    not_before timestamptz not null default '-infinity'
);
create table recurring.series (
    business uuid not null,
    id uuid not null,
    account uuid not null,
    currency text not null,
    kind text not null,
    category text not null,
    period text not null,
    -- `weekday:0` to `weekday:6`, `day:1` to `day:31`, or `last_working_day`.
    anchor text not null,
    phase smallint not null,
    typical numeric not null,
    low numeric not null,
    high numeric not null,
    count integer not null,
    last date not null,
    certainty smallint not null,
    -- Transactions, the newest first.
    members uuid[] not null,
    primary key (business, id)
);
-- What somebody said is none: kept from the events of businesses in the transaction that appends them.
create table recurring.ruled_out (
    business uuid not null,
    series uuid not null,
    primary key (business, series)
);

create function recurring.follow() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
    whose uuid := new.aggregate_id::uuid;
    which uuid := (new.payload ->> 'series')::uuid;
begin
    if (new.payload ->> 'out')::boolean then
        insert into recurring.ruled_out (business, series) values (whose, which) on conflict do nothing;
    else
        delete from recurring.ruled_out where business = whose and series = which;
    end if;
    return null;
end
$$;
create trigger follow_recurring after insert on store.events for each row
    when (new.aggregate_type = 'business' and new.event_type = 'business.recurring_ruled_out')
    execute function recurring.follow();
revoke all on function recurring.follow() from public;

do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        grant usage on schema recurring to workdock;
        grant select, update on recurring.followed to workdock;
        grant select, insert, update, delete on recurring.asked, recurring.series to workdock;
        grant select on recurring.ruled_out to workdock;
    end if;
end
$$;
