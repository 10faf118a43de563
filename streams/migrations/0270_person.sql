-- What names one person is sealed with a key of their own, which goes with them.
alter table keys.data_key drop constraint data_key_purpose_check;
alter table keys.data_key add constraint data_key_purpose_check check (purpose in ('seal', 'digest', 'person'));

-- Addresses that businesses wrote to, by keyed hash; the id is that of the key which invitations to it are sealed with.
create table access.addressee (
    id uuid primary key,
    email_hash bytea not null unique
);

-- Which businesses ever invited somebody.
create index events_invited on store.events (aggregate_id) where event_type = 'business.member_invited';

-- Addresses that an account had before: they go with it, too.
create table access.former_address (
    user_id uuid not null references access.user_account on delete cascade,
    email_hash bytea not null,
    email_sealed bytea not null,
    until timestamptz not null default now(),
    primary key (user_id, email_hash)
);

-- From when on there is no way back.
alter table access.leaving add column begun_at timestamptz;

-- Accounts that were erased, and how far. Begun with the event in the transaction that appends it.
create table erasure.person (
    person uuid primary key,
    requested_at timestamptz not null,
    due_at timestamptz not null,
    erased_at timestamptz not null,
    event_id bigint not null unique,
    step text not null default 'decided' check (step in ('decided', 'deleted', 'keys', 'views', 'swept', 'certified')),
    facts jsonb not null default '{}',
    -- Where the certificate is sent, sealed; nothing once the letter is written.
    letter_to bytea,
    certificate text,
    certified_at timestamptz
);

create function erasure.follow_person() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    insert into erasure.person (person, requested_at, due_at, erased_at, event_id)
    select leaving.user_id, leaving.requested_at, leaving.due_at, new.recorded_at, new.id
    from access.leaving where leaving.user_id = (new.payload ->> 'user')::uuid
    on conflict do nothing;
    return null;
end
$$;
create trigger follow_person after insert on store.events for each row
    when (new.event_type = 'security.account_erased')
    execute function erasure.follow_person();
revoke all on function erasure.follow_person() from public;

create or replace function erasure.grant_to(program name) returns void language plpgsql as $$
begin
    execute format('grant usage on schema erasure to %I', program);
    execute format('grant select on erasure.business, erasure.owner, erasure.ended to %I', program);
    execute format('grant delete on erasure.owner to %I', program);
    execute format('grant select, insert, update, delete on erasure.telling to %I', program);
    execute format('grant select, update on erasure.person to %I', program);
end
$$;

do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        perform erasure.grant_to('workdock');
        grant select, insert, update, delete on access.addressee, access.former_address to workdock;
    end if;
end
$$;
