-- The newest event up to a position that recorded a rate of some days. $1 business, $2 position, $3 and $4 first and
-- last day.
select rate.position, log.known_at
from read.exchange_rate rate join store.log on log.position = rate.position
where rate.business = $1 and rate.position <= $2 and rate.day between $3 and $4
order by rate.position desc limit 1
