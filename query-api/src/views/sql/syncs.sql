-- Syncs of a source, newest first. $1 business, $2 source, $3 how many, $4 before this one, or null.
select id, cause, began_at, ended_at, outcome, reason, pages, added, amended, removed, restarts
from connectors.sync
where business = $1 and source = $2 and id < coalesce($4, 9223372036854775807) order by id desc limit $3
