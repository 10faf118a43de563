-- A business's accounts by id. $1 business.
select id, named_at, opened_at, currency, source, closed from read.account where business = $1 order by id
