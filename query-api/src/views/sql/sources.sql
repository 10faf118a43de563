-- A business's sources by name. $1 business.
select id, name, kind, connected from read.source where business = $1 order by name, id
