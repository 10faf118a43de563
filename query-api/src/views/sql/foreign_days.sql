-- Days on which money of other currencies than one stands, as known at a position. $1 business, $2 position, $3 the
-- currency that needs no conversion, $4 and $5 first and last day.
select cell.currency, cell.bucket as day, sum(version.count)::bigint as count
from read.metric_cell cell
cross join lateral (select amount_in, amount_out, count from read.metric_version version where version.cell = cell.id
                    and version.position <= $2 order by version.position desc limit 1) version
where cell.business = $1 and cell.grain = 'day' and cell.dim = 'all' and cell.currency <> $3
  and cell.bucket between $4 and $5 and version.count > 0
group by 1, 2
order by 1, 2
