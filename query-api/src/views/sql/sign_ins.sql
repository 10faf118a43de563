-- How somebody signed in, or failed to, the newest first. $1 actor, $2 rows
select position, at, kind, actor, on_behalf_of, aggregate, subject, summary, before, after, request, address, agent, trace,
       hash
from read.event
where business = '00000000-0000-0000-0000-000000000000' and actor = $1
  and kind in ('security.signed_in', 'security.sign_in_failed', 'security.locked_out')
order by position desc
limit $2
