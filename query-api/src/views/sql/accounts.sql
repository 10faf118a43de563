-- A business's accounts by name. $1 business.
select id, name, currency, source, closed, external_id from read.account where business = $1 order by name, id
