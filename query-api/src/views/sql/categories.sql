-- The categories in which a business's transactions ever stood, with the kind that most of their figures have.
-- $1 business. By the cells of years: some hundred rows.
select key as category, mode() within group (order by kind) as kind
from read.metric_cell
where business = $1 and grain = 'year' and dim = 'category'
group by key
order by key
