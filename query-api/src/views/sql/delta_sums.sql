-- The same sums where an account and a category are asked for together, which no cell holds: from the changes.
-- $1 business; $2..$7 runs (slot, grain, what the key is, first and last day, whether by bucket); $8 account or null;
-- $9 category or null; $10 positions.
select seen.nth::int as seen, run.slot,
       case when run.by_bucket then date_trunc(run.grain, delta.day::timestamp)::date end as bucket,
       case run.dim when 'category' then delta.category when 'account' then delta.account::text
                    when 'cause' then delta.cause else '' end as key,
       delta.kind, delta.currency,
       sum(delta.amount_in) as amount_in, sum(delta.amount_out) as amount_out, sum(delta.count)::bigint as count
from unnest($2::int[], $3::text[], $4::text[], $5::date[], $6::date[], $7::bool[])
         as run (slot, grain, dim, first, last, by_bucket)
join read.metric_delta delta
  on delta.business = $1 and delta.day between run.first and run.last
 and ($8::uuid is null or delta.account = $8) and ($9::text is null or delta.category = $9)
join unnest($10::bigint[]) with ordinality as seen (position, nth) on delta.position <= seen.position
group by 1, 2, 3, 4, 5, 6
