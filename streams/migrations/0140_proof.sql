-- The Merkle tree over the log, and the checkpoints that were signed over it.

create schema proof;

-- Roots of perfect subtrees of 256, 65,536, 16,777,216 ... events: level 1, 2, 3 ... Those below are computed from
-- store.log, which holds the leaves. Every row follows from the log, so that any number of writers may add them.
create table proof.node (
    level smallint not null check (level between 1 and 7),
    index bigint not null check (index >= 0),
    hash bytea not null check (octet_length(hash) = 32),
    primary key (level, index)
);

-- Tells this log from every other: one row, made here.
create table proof.log (
    id uuid primary key default gen_random_uuid(),
    only_one boolean not null default true unique check (only_one)
);
insert into proof.log default values;

create table proof.checkpoint (
    size bigint not null check (size > 0),
    -- The signer's name and the short hash of its key.
    signer text not null,
    root bytea not null check (octet_length(root) = 32),
    note text not null,
    signed_at timestamptz not null default clock_timestamp(),
    primary key (size, signer)
);

create trigger append_only before update or delete or truncate on proof.node
    for each statement execute function store.refuse_change();
create trigger append_only before insert or update or delete or truncate on proof.log
    for each statement execute function store.refuse_change();
create trigger append_only before update or delete or truncate on proof.checkpoint
    for each statement execute function store.refuse_change();

-- What the program needs, for installations where it does not own the database.
create function proof.grant_to(program name) returns void language plpgsql as $$
begin
    execute format('grant usage on schema proof to %I', program);
    execute format('grant select on proof.log to %I', program);
    execute format('grant select, insert on proof.node, proof.checkpoint to %I', program);
end
$$;
revoke all on function proof.grant_to(name) from public;
do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        perform proof.grant_to('workdock');
    end if;
end
$$;
