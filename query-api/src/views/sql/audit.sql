-- What happened in a business, and the sign-ins of its members while they were members: those concern no business. Newest first.
-- $1 business, $2 after this position, $3 until this position, $4 actor, $5 kind or aggregate, $6 subject, $7 words,
-- $8 rows in which they stand sealed, $9 before this position, $10 rows
select position, at, kind, actor, on_behalf_of, aggregate, subject, summary, before, after, request, address, agent, trace,
       hash
from (
    (select * from read.event
     where business = $1 and position < $9 and position > $2 and position <= $3
       and ($4::text is null or actor = $4)
       and ($5::text is null or kind = $5 or aggregate = $5)
       and ($6::uuid is null or subject = $6)
       and ($7::text is null or words @@ plainto_tsquery('simple', translate($7, '._', '  '))
           or position = any ($8::bigint[]))
     order by position desc limit $10)
    union all
    (select of_member.* from read.membership m cross join lateral (
         select * from read.event
         where business = '00000000-0000-0000-0000-000000000000' and aggregate = 'security' and subject = m.member
           and position > m.since and position < coalesce(m.until, 9223372036854775807)
           and position < $9 and position > $2 and position <= $3
           and ($4::text is null or actor = $4)
           and ($5::text is null or kind = $5 or aggregate = $5)
           and ($6::uuid is null or subject = $6)
           and ($7::text is null or words @@ plainto_tsquery('simple', translate($7, '._', '  ')))
         order by position desc limit $10) of_member
     where m.business = $1)
) shown
order by position desc
limit $10
