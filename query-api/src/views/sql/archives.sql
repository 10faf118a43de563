-- archives
-- $1 business: the parts of its history that stand in files, newest first
select position, at, file, first_position, last_position, events, before, sha256, bytes
from read.archive
where business = $1
order by position desc
