-- $1 business: what comes again, with whether somebody said that it does not
select s.id, s.account, s.currency, s.kind, s.category, s.period, s.anchor, s.phase, s.typical, s.low, s.high, s.count,
       s.last, s.certainty, s.members,
       exists (select from recurring.ruled_out r where r.business = s.business and r.series = s.id) as ruled_out
from recurring.series s
where s.business = $1
order by s.id
