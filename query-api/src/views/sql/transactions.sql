-- A page of transactions as known at a position, newest day first.
-- $1 business, $2 position, $3 and $4 first and last day; filters, each null where not asked: $5 currency, $6 account,
-- $7 category, $8 kinds (of one that is split: of one of its parts), $9 cause; $10 and $11 day and id of the last one
-- seen (null: the first page); $12 how many; $13 1 for money in, -1 for money out (null: both); $14 those that a payout is the sum of.
-- The caller lowers $4 to the cursor's day, so that the index is entered there.
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
  and ($10::date is null or (t.day, t.id) < ($10, $11::uuid))
order by t.day desc, t.id desc
limit $12
