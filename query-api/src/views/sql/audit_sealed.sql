-- Rows of a history whose fields point to sealed texts, newest first. $1 business, $2 rows
select position, before, after from read.event
where business = $1 and after like '%"sealed_at"%'
order by position desc limit $2
