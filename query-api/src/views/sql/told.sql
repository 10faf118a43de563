-- Balances that the provider told: of each account the first once its history was there, and the last of each day.
-- $1 business, $2 source, $3 time zone, $4 first day.
with told as (
    select account, (told_at at time zone $3)::date as day, told_at, current, pending, position, opening
    from connectors.balance b join connectors.connection c using (source)
    where b.business = $1 and source = $2 and told_at >= c.history_done_at)
select account, day, current, pending, position, opening from (
    (select distinct on (account) * from told order by account, told_at)
    union
    (select distinct on (account, day) * from told where day >= $4 order by account, day, told_at desc)) t
order by account, told_at
