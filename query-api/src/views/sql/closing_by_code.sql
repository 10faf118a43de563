-- $1 the code of a report
select business, after::json ->> 'month' as month, true as closed, position, at, actor, after, hash, code
from read.event
where code = $1
