-- The newest event up to each position that recorded a rate; 0 where none did. $1 business, $2 positions.
select coalesce((select max(position) from read.exchange_rate
                 where business = $1 and position <= seen.position), 0) as position
from unnest($2::bigint[]) with ordinality as seen (position, nth)
order by seen.nth
