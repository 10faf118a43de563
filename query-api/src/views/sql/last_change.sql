-- The newest change of any of some cells up to a position, and the batch that brought it.
-- $1 business; $2..$6 runs of cells (grain, dim, first and last bucket, the one key or null); $7 position;
-- $8 kinds, $9 currency or null.
with change as (
    select max(version.position) as position
    from unnest($2::text[], $3::text[], $4::date[], $5::date[], $6::text[]) as run (grain, dim, first, last, key)
    join read.metric_cell cell
      on cell.business = $1 and cell.grain = run.grain and cell.dim = run.dim
     and cell.bucket between run.first and run.last and (run.key is null or cell.key = run.key)
     and cell.kind = any ($8::text[]) and ($9::text is null or cell.currency = $9)
    cross join lateral (
        select position from read.metric_version version
        where version.cell = cell.id and version.position <= $7 order by version.position desc limit 1
    ) version
)
select change.position, log.known_at, batch.first_position
from change
join store.log on log.position = change.position
left join lateral (
    select batch.first_position from read.batch
    where batch.business = $1 and batch.account = log.aggregate_id::uuid
      and change.position between batch.first_position and batch.last_position
    order by batch.first_position desc limit 1
) batch on true
