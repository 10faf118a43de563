-- Whether what transactions mean was decided anew for all of them since the rules were set.
-- $1 business, $2 position of the newest event of its rules.
select coalesce((select looked_to from meaning.followed), 0) >= $2
   and not exists (select from meaning.pass where business = $1)
