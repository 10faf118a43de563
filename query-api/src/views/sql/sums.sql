-- Sums of cells as known at positions: what every figure is made of.
-- $1 business; $2..$8 runs of cells (slot, grain, dim, first and last bucket, the one key or null, whether by bucket);
-- $9 positions. A version holds the sum up to its position, so the cost does not grow with history.
select seen.nth::int as seen, run.slot, case when run.by_bucket then cell.bucket end as bucket,
       cell.key, cell.kind, cell.currency,
       sum(version.amount_in) as amount_in, sum(version.amount_out) as amount_out, sum(version.count)::bigint as count
from unnest($2::int[], $3::text[], $4::text[], $5::date[], $6::date[], $7::text[], $8::bool[])
         as run (slot, grain, dim, first, last, key, by_bucket)
join read.metric_cell cell
  on cell.business = $1 and cell.grain = run.grain and cell.dim = run.dim
 and cell.bucket between run.first and run.last and (run.key is null or cell.key = run.key)
cross join unnest($9::bigint[]) with ordinality as seen (position, nth)
cross join lateral (
    select amount_in, amount_out, count from read.metric_version version
    where version.cell = cell.id and version.position <= seen.position
    order by version.position desc limit 1
) version
group by 1, 2, 3, 4, 5, 6
