-- Every revision of one transaction that began by a position, oldest first.
-- $1 business, $2 transaction, $3 position. `removed`: nothing follows it, and it is over.
select t.id, t.account, t.day, t.booked, t.value_date, t.pending, t.amount, t.currency, t.kind, t.category,
       t.provider_category, t.decided, t.line,
       t.place, t.cause, t.valid_from, t.valid_to,
       count(*) over () as revisions,
       t.valid_to <= $3 and not exists (
           select from read.transaction n where n.id = t.id and n.valid_from = t.valid_to) as removed
from read.transaction t
where t.business = $1 and t.id = $2 and t.valid_from <= $3
order by t.valid_from
