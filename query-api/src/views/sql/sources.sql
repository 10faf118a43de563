-- A business's sources that were connected by a position, by id; each as it stands now. $1 business, $2 position.
-- A source is named once, by the event that connects it first.
select id, named_at, kind, connected from read.source where business = $1 and named_at <= $2 order by id
