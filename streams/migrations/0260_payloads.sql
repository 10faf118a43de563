-- What providers answered, as it came: files that events of accounts name. Kept in the transaction that appends them, so
-- that an event cannot name a file that is not there.
create table files.payload (
    -- The event that names it, and as which of its payloads.
    event_id bigint not null,
    number integer not null,
    business uuid not null,
    account uuid not null,
    hash bytea not null,
    bytes bigint not null,
    media text not null,
    -- Of the event's transactions those that it told, by their place; none: all.
    places integer[] not null,
    primary key (event_id, number),
    foreign key (business, hash) references files.file
);
create index payload_of_file on files.payload (business, hash);

create function files.keep_payloads() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    insert into files.payload (event_id, number, business, account, hash, bytes, media, places)
    select new.id, told.number - 1, new.business::uuid, new.aggregate_id::uuid, decode(told.payload ->> 'file', 'hex'),
           (told.payload ->> 'bytes')::bigint, told.payload ->> 'media',
           array(select place::integer from json_array_elements_text(told.payload -> 'places') place)
    from json_array_elements(new.payload -> 'payloads') with ordinality told (payload, number);
    return null;
end
$$;
-- Of a page without any not even its JSON is read.
create trigger keep_payloads after insert on store.events for each row
    when (new.aggregate_type = 'account' and new.event_type = 'account.synced' and new.payload::text like '%"payloads":%')
    execute function files.keep_payloads();

revoke all on function files.keep_payloads() from public;
do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        grant select on files.payload to workdock;
    end if;
end
$$;
