-- Rates between some currencies as known at a position: of one day and pair the newest.
-- $1 business, $2 position, $3 currencies.
select distinct on (base, quote, day) base, quote, day, rate, source, position
from read.exchange_rate
where business = $1 and position <= $2 and base = any ($3::text[]) and quote = any ($3::text[])
order by base, quote, day, position desc
