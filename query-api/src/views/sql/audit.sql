-- $1 business, $2 before this position, $3 after this position, $4 until this position, $5 actor, $6 kind or aggregate, $7 subject,
-- $8 words, $9 rows
select position, at, kind, actor, on_behalf_of, aggregate, subject, summary, before, after, request, address, trace,
       hash
from read.event
where business = $1 and position < $2 and position > $3 and position <= $4
  and ($5::text is null or actor = $5)
  and ($6::text is null or kind = $6 or aggregate = $6)
  and ($7::uuid is null or subject = $7)
  and ($8::text is null or words @@ plainto_tsquery('simple', translate($8, '._', '  ')))
order by position desc
limit $9
