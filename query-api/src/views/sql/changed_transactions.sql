-- A page of the transactions of some days that changed between two states of knowledge: as they are in the later one,
-- or their last revision within these days where they left them, with the cause of leaving.
-- Parameters as in transactions.sql: $2 is the later position; $10 the last one's sort value (days since 2000, or the
-- absolute amount where $15); $14 the earlier position; $16 those that a payout is the sum of.
with changed as (
    select t.*, case when t.valid_to > $2 then t.cause
                     else coalesce((select n.cause from read.transaction n
                                    where n.id = t.id and n.valid_from = t.valid_to), 'removed') end as why,
           case when $15::bool then abs(t.amount) else t.day - date '2000-01-01' end as sort
    from read.transaction t
    where t.business = $1 and t.day between $3 and $4
      and ($5::text is null or t.currency = $5) and ($6::uuid is null or t.account = $6)
      and ($7::text is null and $8::text[] is null
        or case when t.decided like '{"by":{"split"%' then exists (
               select from jsonb_array_elements(t.decided::jsonb #> '{by,split,parts}') part
               where ($7::text is null or part ->> 'category' = $7)
                 and ($8::text[] is null or part ->> 'kind' = any ($8)))
             else ($7::text is null or t.category = $7) and ($8::text[] is null or t.kind = any ($8)) end)
      and ($13::int is null or sign(t.amount) = $13)
      and ($16::uuid is null or t.id in (
           select p.transaction from meaning.paid_out p where p.business = $1 and p.payout = $16))
      and ((t.valid_from > $14 and t.valid_from <= $2 and t.valid_to > $2)
        or (t.valid_to > $14 and t.valid_to <= $2 and not exists (
              select from read.transaction n where n.id = t.id and n.valid_from >= t.valid_to
                 and n.valid_from <= $2 and n.day between $3 and $4)))
)
select t.id, t.account, t.day, t.booked, t.value_date, t.pending, t.amount, t.currency, t.kind, t.category,
       t.provider_category, t.decided, t.line,
       t.place, t.why as cause, t.valid_from, t.valid_to,
       (select count(*) from read.transaction r where r.id = t.id and r.valid_from <= $2) as revisions
from changed t
where ($9::text is null or t.why = $9) and ($10::numeric is null or (t.sort, t.id) < ($10, $11::uuid))
order by t.sort desc, t.id desc
limit $12
