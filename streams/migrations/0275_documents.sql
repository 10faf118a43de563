-- Invoices, bills and credits of the books, and what payments pay of them: kept from the events of accounts in the
-- transaction that appends them. Numbers, names and memos stand sealed in the events.
create table meaning.document (
    account uuid not null,
    id uuid not null,
    business uuid not null,
    kind text not null check (kind in ('invoice', 'bill', 'credit_memo', 'vendor_credit')),
    day date not null,
    due date,
    total numeric not null,
    open numeric not null,
    currency text not null,
    -- The account's event that told it last, and its place there.
    sequence bigint not null,
    event_id bigint not null,
    place integer not null,
    primary key (account, id)
);
create index document_by_due on meaning.document (business, (coalesce(due, day)), id);
-- Those that are looked at are few among all that were ever paid.
create index document_open on meaning.document (business, (coalesce(due, day)), id) where open <> 0;
create index document_by_id on meaning.document (business, id);

-- What is named here may not be known: it may be older than the history.
create table meaning.settlement (
    account uuid not null,
    payment uuid not null,
    document uuid not null,
    business uuid not null,
    amount numeric not null,
    primary key (account, payment, document)
);
create index settlement_by_payment on meaning.settlement (business, payment);
create index settlement_by_document on meaning.settlement (business, document);

create function meaning.follow_documents() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
    whose uuid := new.aggregate_id::uuid;
begin
    insert into meaning.document
        (account, id, business, kind, day, due, total, open, currency, sequence, event_id, place)
    select whose, (told.document ->> 'id')::uuid, new.business::uuid, told.document ->> 'kind',
           (told.document ->> 'day')::date, (told.document ->> 'due')::date, (told.document ->> 'total')::numeric,
           (told.document ->> 'open')::numeric, told.document ->> 'currency', new.sequence, new.id, told.number - 1
    from json_array_elements(new.payload -> 'told') with ordinality told (document, number)
    on conflict (account, id) do update set kind = excluded.kind, day = excluded.day, due = excluded.due,
        total = excluded.total, open = excluded.open, currency = excluded.currency, sequence = excluded.sequence,
        event_id = excluded.event_id, place = excluded.place;
    delete from meaning.document where account = whose
        and id in (select gone::uuid from json_array_elements_text(new.payload -> 'removed') gone);
    insert into meaning.settlement (account, payment, document, business, amount)
    select whose, (settled ->> 'payment')::uuid, (settled ->> 'document')::uuid, new.business::uuid,
           (settled ->> 'amount')::numeric
    from json_array_elements(new.payload -> 'settled') settled
    on conflict (account, payment, document) do update set amount = excluded.amount;
    -- What is not paid any more.
    delete from meaning.settlement s using json_array_elements(new.payload -> 'settled') settled
    where s.account = whose and s.payment = (settled ->> 'payment')::uuid
        and s.document = (settled ->> 'document')::uuid and s.amount = 0;
    return null;
end
$$;
create trigger follow_documents after insert on store.events for each row
    when (new.aggregate_type = 'account' and new.event_type = 'account.documents_told')
    execute function meaning.follow_documents();

-- A business that is to be erased takes nothing new in.
create trigger refuse_documents_of_ending before insert on store.events for each row
    when (new.event_type = 'account.documents_told')
    execute function erasure.refuse();

revoke all on function meaning.follow_documents() from public;
do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        grant select on meaning.document, meaning.settlement to workdock;
    end if;
end
$$;
