-- What files said of each account of a business, in the order in which they came; of the balances of a span the last
-- alone. $1 business.
select account, refused, (
    select coalesce(jsonb_agg(jsonb_set(span, '{balances}',
        case when span -> 'balances' = '[]' then '[]' else jsonb_build_array(span -> 'balances' -> -1) end)), '[]')
    from jsonb_array_elements(spans) span)::text as spans
from sources.statement where business = $1 order by kept_at, file
