-- A page of batches that had begun by a position, newest first; each as it stands now.
-- $1 business, $2 and $3 last position and id of the last one seen (null: the first page), $4 how many, $5 position.
select id, account, source, first_position, last_position, started_at, last_at, added, amended, removed
from read.batch
where business = $1 and first_position <= $5 and ($2::bigint is null or (last_position, id) < ($2, $3::uuid))
order by last_position desc, id desc
limit $4
