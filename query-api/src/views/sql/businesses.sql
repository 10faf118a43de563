-- All businesses by name.
select id, name, base_currency, time_zone, fiscal_first_month from read.business order by name, id
