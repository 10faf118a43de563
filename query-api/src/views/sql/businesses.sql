-- All businesses by id.
select id, named_at, base_currency, time_zone, fiscal_first_month from read.business order by id
