-- The first and the last day that an event recorded a rate for; nulls where it recorded none. $1 business, $2 position.
select min(day) as first, max(day) as last from read.exchange_rate where business = $1 and position = $2
