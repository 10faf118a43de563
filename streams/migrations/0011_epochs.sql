-- Transaction ids are those of one server. A store that was restored from a dump on another has events with ids that
-- this server has not reached yet; new events would stand before them for ever. An epoch begins with the first event
-- that was written here: committed order is by (epoch, txid, id).
create table store.epochs (
    first_id bigint primary key,
    began_at timestamptz not null default clock_timestamp()
);
create trigger append_only before update or delete or truncate on store.epochs
    for each statement execute function store.refuse_change();

-- A predecessor of a transaction that this server has not begun is of an earlier epoch.
create or replace function store.follow_predecessor() returns trigger language plpgsql as $$
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
          and sequence = new.sequence - 1
          and (txid <= new.txid or txid >= pg_snapshot_xmax(pg_current_snapshot()));
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

create or replace function store.grant_to(program name) returns void language plpgsql as $$
begin
    execute format('grant usage on schema store to %I', program);
    execute format('grant select, insert on store.events, store.log, store.epochs to %I', program);
    execute format('grant select, insert, update, delete on store.snapshots, store.account_head, store.account_known to %I', program);
end
$$;
do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        perform store.grant_to('workdock');
    end if;
end
$$;
