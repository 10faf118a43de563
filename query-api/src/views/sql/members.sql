-- Members of a business, owners first, then by who joined first. $1 business.
select user_id, role, since from access.member where business = $1
order by array_position(array['OWNER', 'MANAGER', 'VIEWER', 'AUDITOR'], role), since, user_id
