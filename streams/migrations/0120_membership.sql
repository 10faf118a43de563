-- Who is what in which business: kept from the events of businesses, in the transaction that appends them, so that a
-- right that was taken away is gone with the next request. Nobody else writes here: the program may only read, so a
-- membership that no event tells of cannot be made.
create schema if not exists access;

create table access.member (
    business uuid not null,
    user_id uuid not null,
    role text not null check (role in ('OWNER', 'MANAGER', 'VIEWER', 'AUDITOR')),
    since timestamptz not null,
    primary key (user_id, business)
);
create index member_by_business on access.member (business);

create table access.business_policy (
    business uuid primary key,
    needs_second_factor boolean not null
);

create view access.membership as
    select member.user_id, member.business, member.role, member.since,
           coalesce(policy.needs_second_factor, false) as needs_second_factor
    from access.member left join access.business_policy policy using (business);

-- The fold of one event. An event of a later version than this knows is refused: it would be lost here.
create function access.fold_team(business uuid, event_type text, event_version text, payload json, at timestamptz)
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
    end case;
end
$$;

-- As the owner of the tables, whoever appends. What changed is told on `workdock_access` after the commit, as a subject:
-- whoever serves that user, or members of that business, looks again at what they may do.
create function access.follow_team() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
    concerns text := new.payload ->> 'user';
begin
    perform access.fold_team(new.aggregate_id::uuid, new.event_type, new.event_version, new.payload, new.recorded_at);
    perform pg_notify('workdock_access', coalesce('user:' || concerns, 'business:' || new.aggregate_id));
    return null;
end
$$;
create trigger follow_team after insert on store.events for each row
    when (new.aggregate_type = 'business' and new.event_type in (
        'business.member_joined', 'business.role_changed', 'business.member_removed', 'business.member_left',
        'business.second_factor_policy_changed'))
    execute function access.follow_team();

-- The same tables, from the log alone.
create function access.rebuild_membership() returns void language plpgsql as $$
begin
    lock table access.member, access.business_policy in exclusive mode;
    delete from access.member;
    delete from access.business_policy;
    perform access.fold_team(event.aggregate_id::uuid, event.event_type, event.event_version, event.payload,
                             event.recorded_at)
    from (select * from store.events
          where aggregate_type = 'business' and event_type in (
              'business.member_joined', 'business.role_changed', 'business.member_removed', 'business.member_left',
              'business.second_factor_policy_changed')
          order by aggregate_id, sequence) event;
end
$$;
revoke all on function access.fold_team(uuid, text, text, json, timestamptz), access.rebuild_membership() from public;

do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        grant usage on schema access to workdock;
        grant select on access.member, access.business_policy, access.membership to workdock;
    end if;
end
$$;
