-- How many rows `audit` shows, and the newest of them. $1 business, $2 after this position, $3 until this position, $4 actor,
-- $5 kind or aggregate, $6 subject, $7 words, $8 rows in which they stand sealed
select count(*) as rows, coalesce(max(position), 0) as newest
from (
    select position from read.event
    where business = $1 and position > $2 and position <= $3
      and ($4::text is null or actor = $4)
      and ($5::text is null or kind = $5 or aggregate = $5)
      and ($6::uuid is null or subject = $6)
      and ($7::text is null or words @@ plainto_tsquery('simple', translate($7, '._', '  '))
        or position = any ($8::bigint[]))
    union all
    select position from read.membership m
    join read.event e on e.subject = m.member and position > m.since and position < coalesce(m.until, 9223372036854775807)
    where m.business = $1 and e.business = '00000000-0000-0000-0000-000000000000' and aggregate = 'security'
      and position > $2 and position <= $3
      and ($4::text is null or actor = $4)
      and ($5::text is null or kind = $5 or aggregate = $5)
      and ($6::uuid is null or subject = $6)
      and ($7::text is null or words @@ plainto_tsquery('simple', translate($7, '._', '  ')))
) shown
