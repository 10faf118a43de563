-- A business's sources by id. $1 business.
select id, named_at, kind, connected from read.source where business = $1 order by id
