-- First and last booked day of each currency, as known at a position.
-- $1 business, $2 position. Years lead to months and months to days, so few cells are looked at.
with
year as (
    select cell.currency, min(cell.bucket) as first, max(cell.bucket) as last
    from read.metric_cell cell
    cross join lateral (select count from read.metric_version version where version.cell = cell.id
                        and version.position <= $2 order by version.position desc limit 1) version
    where cell.business = $1 and cell.grain = 'year' and cell.dim = 'all' and version.count > 0
    group by 1
),
month as (
    select year.currency, min(cell.bucket) as first, max(cell.bucket) as last
    from year
    join read.metric_cell cell on cell.business = $1 and cell.grain = 'month' and cell.dim = 'all'
     and cell.currency = year.currency
     and (cell.bucket between year.first and year.first + 365 or cell.bucket between year.last and year.last + 365)
    cross join lateral (select count from read.metric_version version where version.cell = cell.id
                        and version.position <= $2 order by version.position desc limit 1) version
    where version.count > 0
    group by 1
)
select month.currency, min(cell.bucket) as first, max(cell.bucket) as last
from month
join read.metric_cell cell on cell.business = $1 and cell.grain = 'day' and cell.dim = 'all'
 and cell.currency = month.currency
 and (cell.bucket between month.first and month.first + 30 or cell.bucket between month.last and month.last + 30)
cross join lateral (select count from read.metric_version version where version.cell = cell.id
                    and version.position <= $2 order by version.position desc limit 1) version
where version.count > 0
group by 1
order by 1
