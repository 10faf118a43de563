-- The days that larger cells are made of, each cell as of a position.
-- $1 business; $2..$8 cells (number, first and last day, dim, key, kind, currency), $9 their positions.
select large.nth, cell.bucket as day, version.amount_in, version.amount_out, version.count
from unnest($2::int[], $3::date[], $4::date[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[])
         as large (nth, first, last, dim, key, kind, currency, position)
join read.metric_cell cell
  on cell.business = $1 and cell.grain = 'day' and cell.dim = large.dim and cell.bucket between large.first and large.last
 and cell.key = large.key and cell.kind = large.kind and cell.currency = large.currency
cross join lateral (
    select amount_in, amount_out, count from read.metric_version version
    where version.cell = cell.id and version.position <= large.position
    order by version.position desc limit 1
) version
where version.amount_in <> 0 or version.amount_out <> 0 or version.count <> 0
