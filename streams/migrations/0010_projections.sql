-- What the projection runtime and replays know about their generations, and the schema of the views that queries read.

create schema if not exists streams;
create schema if not exists read;

-- How far each generation of a projection is: every event up to `position` is in its rows, or parked.
-- While a replay fills a generation beside the serving one it stands here as `metrics.next` or `metrics.shadow`, so
-- that `projection = 'metrics'` never finds a half-filled one.
create table streams.checkpoint (
    projection text not null,
    version integer not null check (version > 0),
    schema text not null unique,
    position bigint not null default 0 check (position >= 0),
    -- Rises when rows change other than by the next events in order: a retry, a swap. Kept state must be forgotten.
    epoch bigint not null default 0,
    -- How many businesses stand still; saves reading the dead letters with every batch.
    blocked integer not null default 0 check (blocked >= 0),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (projection, version)
);

-- Which version `read.<table>` views show.
create table streams.active (
    projection text primary key,
    version integer not null,
    tables text[] not null,
    since timestamptz not null default clock_timestamp()
);

-- Events that could not be folded. While one is unresolved its business stands still in that projection: its later
-- events are parked, and a retry folds them in order from `resume` on.
create table streams.dead_letter (
    projection text not null,
    version integer not null,
    position bigint not null,
    business uuid not null,
    event_type text not null,
    error text not null,
    at timestamptz not null default clock_timestamp(),
    attempts integer not null default 1,
    parked bigint not null default 0,
    resume bigint not null,
    resolved_at timestamptz,
    published_at timestamptz,
    primary key (projection, version, position),
    foreign key (projection, version) references streams.checkpoint on update cascade on delete cascade
);
create unique index dead_letter_blocked on streams.dead_letter (projection, version, business) where resolved_at is null;

-- The position that a query answers for: read in the same snapshot as the views, it is exactly what they show.
create view read.position as
    select active.projection, active.version, checkpoint.position, checkpoint.blocked, checkpoint.updated_at
    from streams.active join streams.checkpoint using (projection, version);

-- What the program needs, for installations where it does not own the database.
create function streams.grant_to(program name) returns void language plpgsql as $$
begin
    execute format('grant usage on schema streams, read to %I', program);
    execute format('grant select on all tables in schema read to %I', program);
    execute format('grant select, insert, update, delete on streams.checkpoint, streams.active, streams.dead_letter to %I', program);
end
$$;
revoke all on function streams.grant_to(name) from public;
do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        perform streams.grant_to('workdock');
    end if;
end
$$;
