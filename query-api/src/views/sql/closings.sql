-- $1 business: the newest closing or reopening of each month
select distinct on (after::json ->> 'month') after::json ->> 'month' as month, kind = 'business.month_closed' as closed,
       position, at, actor, after, hash, code
from read.event
where business = $1 and kind in ('business.month_closed', 'business.month_reopened')
order by after::json ->> 'month', position desc
