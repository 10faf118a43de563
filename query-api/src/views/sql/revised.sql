-- Of these transactions the revision that ended with one event, and the one that began with it.
-- $1 business, $2 the event's position, $3 transactions
select t.id, t.account, t.day, t.booked, t.value_date, t.pending, t.amount, t.currency, t.kind, t.category,
       t.provider_category, t.decided, t.line,
       t.place, t.cause, t.valid_from, t.valid_to,
       (select count(*) from read.transaction r where r.id = t.id and r.valid_from <= $2) as revisions
from read.transaction t
where t.business = $1 and t.id = any ($3) and (t.valid_from = $2 or t.valid_to = $2)
