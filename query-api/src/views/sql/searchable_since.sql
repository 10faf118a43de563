-- The same of revisions that began after a position: they are of days that changed since.
-- $1 business, $2 the earlier position, $3 the later one.
select t.id, t.day, t.valid_from, t.place
from read.transaction t
where t.business = $1 and t.valid_from > $2 and t.valid_from <= $3
  and t.day in (select d.day from read.metric_delta d where d.business = $1 and d.position > $2 and d.position <= $3)
