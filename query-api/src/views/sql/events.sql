-- Events of a business by position, each with its batch where it has one.
-- $1 business, $2 positions.
select log.position, log.event_type || '.v' || log.event_version as type, log.recorded_at, log.hash, batch.id as batch
from store.log
left join lateral (
    select batch.id from read.batch
    where batch.business = $1 and batch.account = log.aggregate_id::uuid
      and log.position between batch.first_position and batch.last_position
    order by batch.first_position desc limit 1
) batch on true
where log.position = any ($2::bigint[]) and log.business = $1
