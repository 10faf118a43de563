-- Businesses whose erasure was asked for, and how far it is. Kept from the events of businesses in the transaction that
-- appends them, as memberships are; from `decided` on the job moves `step`.
create schema erasure;

create table erasure.business (
    business uuid primary key,
    requested_at timestamptz not null,
    requested_by text not null,
    due_at timestamptz not null,
    -- When `business.erased` was appended, and which event it is: no way back from there.
    erased_at timestamptz,
    event_id bigint unique,
    step text not null default 'requested' check (step in (
        'requested', 'decided', 'keys', 'views', 'tables', 'stream', 'swept', 'certified')),
    -- What the certificate says of it: keys, rows and messages.
    facts jsonb not null default '{}',
    certificate text,
    certified_at timestamptz,
    check ((erased_at is null) = (event_id is null) and (erased_at is null) = (step = 'requested'))
);

-- Who owned it at the end: they may have the certificate for a while.
create table erasure.owner (
    business uuid not null references erasure.business,
    user_id uuid not null,
    primary key (business, user_id)
);
create index owner_by_user on erasure.owner (user_id);

-- Letters to owners that are still to be written.
create table erasure.telling (
    id bigint generated always as identity primary key,
    business uuid not null,
    what text not null check (what in ('requested', 'due_soon', 'withdrawn', 'erased')),
    due_at timestamptz,
    told boolean not null default false,
    reminded_at timestamptz
);

-- Where each erased business ends in the log: nothing before it is distributed any more.
create view erasure.ended as
    select business.business, log.position from erasure.business join store.log on log.event_id = business.event_id;

create function erasure.follow() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
    it uuid := new.aggregate_id::uuid;
begin
    case new.event_type
        when 'business.erasure_requested' then
            insert into erasure.business (business, requested_at, requested_by, due_at)
            values (it, new.recorded_at, coalesce(new.metadata ->> 'actor', ''), (new.payload ->> 'due_at')::timestamptz);
            insert into erasure.telling (business, what, due_at)
            values (it, 'requested', (new.payload ->> 'due_at')::timestamptz);
        when 'business.erasure_withdrawn' then
            delete from erasure.business where business = it;
            delete from erasure.telling where business = it;
            insert into erasure.telling (business, what) values (it, 'withdrawn');
        when 'business.erased' then
            update erasure.business set erased_at = new.recorded_at, event_id = new.id, step = 'decided'
            where business = it;
            delete from erasure.telling where business = it;
            insert into erasure.owner (business, user_id)
            select it, member.user_id from access.member where member.business = it and member.role = 'OWNER';
    end case;
    return null;
end
$$;
-- Triggers of one kind fire by their names: owners are written down before memberships go (`follow_team`).
create trigger follow_erasure after insert on store.events for each row
    when (new.aggregate_type = 'business' and new.event_type in (
        'business.erasure_requested', 'business.erasure_withdrawn', 'business.erased'))
    execute function erasure.follow();

-- A business that is to be erased takes nothing new in.
create function erasure.refuse() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if exists (select from erasure.business where business = (new.metadata ->> 'business')::uuid) then
        raise exception 'business % is to be erased', new.metadata ->> 'business' using errcode = 'WD423';
    end if;
    return new;
end
$$;
create trigger refuse_ending before insert on store.events for each row
    when (new.event_type in ('account.synced', 'account.opened', 'source.connected', 'source.authorised'))
    execute function erasure.refuse();

-- Memberships end with their business.
create or replace function access.fold_team(business uuid, event_type text, event_version text, payload json, at timestamptz)
returns void language plpgsql as $$
declare
    member uuid := (payload ->> 'user')::uuid;
begin
    if event_version <> '1' then
        raise exception '% has version %, which memberships do not know', event_type, event_version;
    end if;
    case event_type
        when 'business.member_joined' then
            insert into access.member as known (business, user_id, role, since)
            values (fold_team.business, member, payload ->> 'role', at)
            on conflict on constraint member_pkey do update set role = excluded.role, since = excluded.since;
        when 'business.role_changed' then
            update access.member known set role = payload ->> 'role'
            where known.business = fold_team.business and known.user_id = member;
        when 'business.member_removed', 'business.member_left' then
            delete from access.member known where known.business = fold_team.business and known.user_id = member;
        when 'business.second_factor_policy_changed' then
            insert into access.business_policy as known (business, needs_second_factor)
            values (fold_team.business, (payload ->> 'required')::boolean)
            on conflict on constraint business_policy_pkey
            do update set needs_second_factor = excluded.needs_second_factor;
        when 'business.erased' then
            delete from access.member known where known.business = fold_team.business;
            delete from access.business_policy known where known.business = fold_team.business;
    end case;
end
$$;
drop trigger follow_team on store.events;
create trigger follow_team after insert on store.events for each row
    when (new.aggregate_type = 'business' and new.event_type in (
        'business.member_joined', 'business.role_changed', 'business.member_removed', 'business.member_left',
        'business.second_factor_policy_changed', 'business.erased'))
    execute function access.follow_team();
create or replace function access.rebuild_membership() returns void language plpgsql as $$
begin
    lock table access.member, access.business_policy in exclusive mode;
    delete from access.member;
    delete from access.business_policy;
    perform access.fold_team(event.aggregate_id::uuid, event.event_type, event.event_version, event.payload,
                             event.recorded_at)
    from (select * from store.events
          where aggregate_type = 'business' and event_type in (
              'business.member_joined', 'business.role_changed', 'business.member_removed', 'business.member_left',
              'business.second_factor_policy_changed', 'business.erased')
          order by aggregate_id, sequence) event;
end
$$;

revoke all on function erasure.follow(), erasure.refuse() from public;

-- What the program needs, for installations where it does not own the database: it writes letters, and shows states and
-- certificates. The job itself owns what it clears.
create function erasure.grant_to(program name) returns void language plpgsql as $$
begin
    execute format('grant usage on schema erasure to %I', program);
    execute format('grant select on erasure.business, erasure.owner, erasure.ended to %I', program);
    execute format('grant delete on erasure.owner to %I', program);
    execute format('grant select, insert, update, delete on erasure.telling to %I', program);
end
$$;
revoke all on function erasure.grant_to(name) from public;
do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        perform erasure.grant_to('workdock');
    end if;
end
$$;
