-- Recorded rates, newest day first, each with what it replaced. $1 business, $2 as known at this position, $3 the
-- currency that it is of or in, or null; $4 before this day, or null; $5 how many days at most.
with days as (
    select distinct day from read.exchange_rate
    where business = $1 and position <= $2 and ($3::text is null or base = $3 or quote = $3)
      and ($4::date is null or day < $4)
    order by day desc limit $5
)
select distinct on (rate.day, rate.base, rate.quote) rate.day, rate.base, rate.quote, rate.rate, rate.source,
       rate.position, log.known_at,
       (select earlier.rate from read.exchange_rate earlier
        where earlier.business = $1 and earlier.base = rate.base and earlier.quote = rate.quote
          and earlier.day = rate.day and earlier.position < rate.position
        order by earlier.position desc limit 1) as replaced
from days join read.exchange_rate rate on rate.business = $1 and rate.day = days.day and rate.position <= $2
join store.log on log.position = rate.position
where ($3::text is null or rate.base = $3 or rate.quote = $3)
order by rate.day desc, rate.base, rate.quote, rate.position desc
