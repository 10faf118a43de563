-- Where a view of a business stands: the business, the position, and when that position was known.
-- $1 business; at most one of: $2 known at the end of this day of the business, $3 at this moment, $4 at this position.
-- Positions have no gaps and known_at never falls over them, so the last position before a moment is found by
-- bisection over the primary key; likewise the business's own last event up to there, its position being the version
-- of its figures. A business that stands still knows nothing from the event on that stopped it, whatever the
-- checkpoints say. No row: there is no such business.
with recursive
business as (
    select id, named_at, base_currency, time_zone, fiscal_first_month from read.business where id = $1
),
still as (
    select letter.resume, letter.position, letter.event_type, letter.at
    from streams.active join streams.dead_letter letter using (projection, version)
    where active.projection in ('metrics', 'entities') and letter.business = $1 and letter.resolved_at is null
    order by letter.resume limit 1
),
head as (
    select coalesce(least(max(position), (select resume - 1 from still)), 0) as position, coalesce(max(version), 0) as generation,
           coalesce(max((select epoch from streams.checkpoint
                         where projection = p.projection and version = p.version)), 0) as epoch
    from read.position p where projection = 'metrics'
),
bound as (
    select coalesce(
        (($2::date + 1)::timestamp at time zone business.time_zone),
        $3::timestamptz + interval '1 microsecond') as before
    from business
),
moment (low, high) as (
    select 0::bigint, head.position from head, bound where bound.before is not null
    union all
    select case when log.known_at < bound.before then log.position else moment.low end,
           case when log.known_at < bound.before then moment.high else log.position - 1 end
    from moment, bound, store.log
    where moment.low < moment.high and log.position = (moment.low + moment.high + 1) / 2
),
seen as (
    select case when bound.before is null then greatest(least(coalesce($4::bigint, head.position), head.position), 0)
                else (select low from moment where low = high) end as position
    from head, bound
),
own (low, high) as (
    select case when last.position <= seen.position then last.business_sequence else 0 end, last.business_sequence
    from seen, (select position, business_sequence from store.log where business = $1
                order by business_sequence desc limit 1) last
    union all
    select case when log.position <= seen.position then log.business_sequence else own.low end,
           case when log.position <= seen.position then own.high else log.business_sequence - 1 end
    from own, seen, store.log
    where own.low < own.high and log.business = $1 and log.business_sequence = (own.low + own.high + 1) / 2
)
select business.*, head.generation, head.epoch, head.position as head, seen.position,
       (select known_at from store.log where log.position = seen.position) as known_at,
       still.position as stopped_by, still.event_type as stopped_by_type,
       coalesce((select known_at from store.log where log.position = still.resume), still.at) as stopped_at,
       coalesce((select log.position from own, store.log where own.low = own.high and log.business = $1
                  and log.business_sequence = own.low), 0) as changed,
       not exists (select from own, store.log where own.low = own.high and log.business = $1
                    and log.business_sequence = own.low + 1) as newest
from business cross join head cross join seen left join still on true
