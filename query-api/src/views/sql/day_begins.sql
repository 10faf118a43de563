-- $1 day, $2 time zone: the last position that was known before the day began
select store.position_at((($1::date)::timestamp at time zone $2::text) - interval '1 microsecond')
