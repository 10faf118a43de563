-- Where the texts of a business's transactions stand, of every revision that began by a position.
-- $1 business, $2 position.
select t.id, t.day, t.valid_from, t.place
from read.transaction t
where t.business = $1 and t.valid_from <= $2
