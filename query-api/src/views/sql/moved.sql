-- $1 business, $2 position
select date_trunc('month', day)::date as month, kind, currency, cause, sum(amount_in) as amount_in,
       sum(amount_out) as amount_out, sum(count)::bigint as count
from read.metric_delta
where business = $1 and position = $2
group by 1, 2, 3, 4
having sum(amount_in) <> 0 or sum(amount_out) <> 0 or sum(count) <> 0
order by 1, 2, 3, 4
