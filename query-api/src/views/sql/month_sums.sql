-- $1 business, $2 as known at this position, $3 first day of one month, or null for all
select c.bucket as month, c.kind, c.currency, v.amount_in, v.amount_out, v.count
from read.metric_cell c
cross join lateral (select amount_in, amount_out, count from read.metric_version v
                    where v.cell = c.id and v.position <= $2 order by v.position desc limit 1) v
where c.business = $1 and c.grain = 'month' and c.dim = 'all' and ($3::date is null or c.bucket = $3)
  and (v.amount_in <> 0 or v.amount_out <> 0 or v.count <> 0)
order by c.bucket, c.currency, c.kind
