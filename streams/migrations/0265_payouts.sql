-- With which payout a transaction was paid out, as its provider says: kept from the events of accounts in the
-- transaction that appends them. What is named here may not be known: it may be older than the history.
create table meaning.paid_out (
    account uuid not null,
    transaction uuid not null,
    business uuid not null,
    payout uuid not null,
    -- Of the payout.
    day date not null,
    primary key (account, transaction)
);
create index paid_out_by_payout on meaning.paid_out (business, payout);

create function meaning.follow_payouts() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    insert into meaning.paid_out (account, transaction, business, payout, day)
    select new.aggregate_id::uuid, held::uuid, new.business::uuid, (new.payload ->> 'payout')::uuid,
           (new.payload ->> 'day')::date
    from json_array_elements_text(new.payload -> 'holds') held
    on conflict (account, transaction) do update set payout = excluded.payout, day = excluded.day;
    return null;
end
$$;
create trigger follow_payouts after insert on store.events for each row
    when (new.aggregate_type = 'account' and new.event_type = 'account.paid_out')
    execute function meaning.follow_payouts();

-- A business that is to be erased takes nothing new in.
create trigger refuse_payouts_of_ending before insert on store.events for each row
    when (new.event_type = 'account.paid_out')
    execute function erasure.refuse();

revoke all on function meaning.follow_payouts() from public;
do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        grant select on meaning.paid_out to workdock;
    end if;
end
$$;
