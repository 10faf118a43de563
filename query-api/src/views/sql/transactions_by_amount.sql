-- A page of transactions as known at a position, the largest amounts first, whatever their sign.
-- Parameters as in transactions.sql, with $10 the last one's absolute amount.
select t.id, t.account, t.day, t.booked, t.value_date, t.pending, t.amount, t.currency, t.kind, t.category,
       t.provider_category, t.decided, t.line,
       t.place, t.cause, t.valid_from, t.valid_to,
       (select count(*) from read.transaction r where r.id = t.id and r.valid_from <= $2) as revisions
from read.transaction t
where t.business = $1 and t.day between $3 and $4 and t.valid_from <= $2 and t.valid_to > $2
  and ($5::text is null or t.currency = $5) and ($6::uuid is null or t.account = $6)
  and ($7::text is null and $8::text[] is null
    or case when t.decided like '{"by":{"split"%' then exists (
           select from jsonb_array_elements(t.decided::jsonb #> '{by,split,parts}') part
           where ($7::text is null or part ->> 'category' = $7)
             and ($8::text[] is null or part ->> 'kind' = any ($8)))
         else ($7::text is null or t.category = $7) and ($8::text[] is null or t.kind = any ($8)) end)
  and ($9::text is null or t.cause = $9) and ($13::int is null or sign(t.amount) = $13)
  and ($14::uuid is null or t.id in (
       select p.transaction from meaning.paid_out p where p.business = $1 and p.payout = $14))
  and ($10::numeric is null or (abs(t.amount), t.id) < ($10, $11::uuid))
order by abs(t.amount) desc, t.id desc
limit $12
