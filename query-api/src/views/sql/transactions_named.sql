-- These transactions as known at a position, newest day first, as far as the filters let them through.
-- $1 business, $2 position, $3 ids, $4 and $5 first and last day; filters, each null where not asked: $6 currency,
-- $7 account, $8 category, $9 kinds, $10 cause; $11 1 for money in, -1 for money out (null: both); $12 those that a
-- payout is the sum of.
select t.id, t.account, t.day, t.booked, t.value_date, t.pending, t.amount, t.currency, t.kind, t.category,
       t.provider_category, t.decided, t.line,
       t.place, t.cause, t.valid_from, t.valid_to,
       (select count(*) from read.transaction r where r.id = t.id and r.valid_from <= $2) as revisions
from read.transaction t
where t.id = any ($3) and t.business = $1 and t.valid_from <= $2 and t.valid_to > $2 and t.day between $4 and $5
  and ($6::text is null or t.currency = $6) and ($7::uuid is null or t.account = $7)
  and ($8::text is null and $9::text[] is null
    or case when t.decided like '{"by":{"split"%' then exists (
           select from jsonb_array_elements(t.decided::jsonb #> '{by,split,parts}') part
           where ($8::text is null or part ->> 'category' = $8)
             and ($9::text[] is null or part ->> 'kind' = any ($9)))
         else ($8::text is null or t.category = $8) and ($9::text[] is null or t.kind = any ($9)) end)
  and ($10::text is null or t.cause = $10) and ($11::int is null or sign(t.amount) = $11)
  and ($12::uuid is null or t.id in (
       select p.transaction from meaning.paid_out p where p.business = $1 and p.payout = $12))
order by t.day desc, t.id desc
