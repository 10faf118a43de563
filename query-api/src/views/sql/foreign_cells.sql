-- Cells in other currencies than one, each for itself, as known at positions: what is converted day by day.
-- $1 business; $2..$8 runs of cells as in sums.sql; $9 positions; $10 the currency that needs no conversion.
select seen.nth::int as seen, run.slot, case when run.by_bucket then cell.bucket end as bucket,
       cell.id, cell.grain, cell.bucket as first, cell.dim, cell.key, cell.kind, cell.currency,
       version.position, version.amount_in, version.amount_out, version.count
from unnest($2::int[], $3::text[], $4::text[], $5::date[], $6::date[], $7::text[], $8::bool[])
         as run (slot, grain, dim, first, last, key, by_bucket)
join read.metric_cell cell
  on cell.business = $1 and cell.grain = run.grain and cell.dim = run.dim
 and cell.bucket between run.first and run.last and (run.key is null or cell.key = run.key)
 and cell.currency <> $10
cross join unnest($9::bigint[]) with ordinality as seen (position, nth)
cross join lateral (
    select position, amount_in, amount_out, count from read.metric_version version
    where version.cell = cell.id and version.position <= seen.position
    order by version.position desc limit 1
) version
