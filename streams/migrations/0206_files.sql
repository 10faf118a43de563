-- What is kept beside transactions: files and memos. Names and memos stand sealed in the log; bytes of files stand here,
-- sealed piece by piece.
create schema files;

-- Uploads that are not finished: an hour after they began they are swept.
create table files.upload (
    upload uuid primary key,
    business uuid not null,
    begun_at timestamptz not null default clock_timestamp()
);
create table files.chunk (
    upload uuid not null,
    number integer not null check (number >= 0),
    business uuid not null,
    -- The version of the data key.
    key integer not null,
    -- Nonce, ciphertext and tag.
    sealed bytea not null,
    primary key (upload, number)
);
-- Ciphertext cannot be packed.
alter table files.chunk alter column sealed set storage external;
create index chunk_by_business on files.chunk (business);

-- Each file once in its business.
create table files.file (
    business uuid not null,
    -- A keyed hash of the SHA-256.
    hash bytea not null check (octet_length(hash) = 32),
    bytes bigint not null check (bytes > 0),
    upload uuid not null unique,
    -- Uploaded the last time: what stands beside nothing is swept an hour later.
    kept_at timestamptz not null default clock_timestamp(),
    primary key (business, hash)
);

-- What stands beside which transaction: kept from the events of accounts in the transaction that appends them.
create table files.attachment (
    id uuid primary key,
    business uuid not null,
    account uuid not null,
    transaction uuid not null,
    hash bytea not null,
    bytes bigint not null,
    media text not null,
    at timestamptz not null,
    actor text not null,
    -- The event that holds its name.
    event_id bigint not null unique,
    foreign key (business, hash) references files.file
);
create index attachment_of_transaction on files.attachment (account, transaction);
create index attachment_of_business on files.attachment (business, transaction);
create index attachment_of_file on files.attachment (business, hash);
create table files.memo (
    account uuid not null,
    transaction uuid not null,
    business uuid not null,
    at timestamptz not null,
    actor text not null,
    event_id bigint not null unique,
    primary key (account, transaction)
);
create index memo_of_business on files.memo (business, transaction);

create function files.follow() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
    whose uuid := new.aggregate_id::uuid;
    of_transaction uuid := (new.payload ->> 'transaction')::uuid;
    whom text := coalesce(new.metadata ->> 'actor', '');
begin
    case new.event_type
        when 'account.attached' then
            insert into files.attachment (id, business, account, transaction, hash, bytes, media, at, actor, event_id)
            values ((new.payload ->> 'id')::uuid, new.business::uuid, whose, of_transaction,
                    decode(new.payload ->> 'file', 'hex'), (new.payload ->> 'bytes')::bigint, new.payload ->> 'media',
                    new.recorded_at, whom, new.id);
        when 'account.detached' then
            delete from files.attachment where id = (new.payload ->> 'id')::uuid and account = whose;
        when 'account.memo_set' then
            delete from files.memo where account = whose and transaction = of_transaction;
            if coalesce((new.payload ->> 'cleared')::boolean, false) is false then
                insert into files.memo (account, transaction, business, at, actor, event_id)
                values (whose, of_transaction, new.business::uuid, new.recorded_at, whom, new.id);
            end if;
    end case;
    return null;
end
$$;
create trigger follow_beside after insert on store.events for each row
    when (new.aggregate_type = 'account'
        and new.event_type in ('account.attached', 'account.detached', 'account.memo_set'))
    execute function files.follow();

-- A business that is to be erased takes nothing new in.
create trigger refuse_files_of_ending before insert on store.events for each row
    when (new.event_type in ('account.attached', 'account.memo_set'))
    execute function erasure.refuse();

revoke all on function files.follow() from public;
do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        grant usage on schema files to workdock;
        grant select, insert, update, delete on files.upload, files.chunk, files.file to workdock;
        grant select on files.attachment, files.memo to workdock;
    end if;
end
$$;
