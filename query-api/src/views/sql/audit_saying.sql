-- Those of some rows in which the words that come with each stand in the clear. $1 business, $2 positions, $3 words of each
select row.position from unnest($2::bigint[], $3::text[]) as row (position, words)
join read.event e on e.business = $1 and e.position = row.position
where row.words = '' or e.words @@ plainto_tsquery('simple', row.words)
order by row.position
