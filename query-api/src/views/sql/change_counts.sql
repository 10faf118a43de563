-- How many transactions of some days changed between two states of knowledge, by cause.
-- $1 business, $2 later and $3 earlier position, $4 and $5 first and last day, $6 currency or null, $7 kinds (of one that
-- is split: of one of its parts).
select case when t.valid_to > $2 then t.cause
            else coalesce((select n.cause from read.transaction n
                           where n.id = t.id and n.valid_from = t.valid_to), 'removed') end as cause,
       count(*) as count
from read.transaction t
where t.business = $1 and t.day between $4 and $5 and ($6::text is null or t.currency = $6)
  and case when t.decided like '{"by":{"split"%' then exists (
        select from jsonb_array_elements(t.decided::jsonb #> '{by,split,parts}') part
        where part ->> 'kind' = any ($7::text[]))
      else t.kind = any ($7::text[]) end
  and ((t.valid_from > $3 and t.valid_from <= $2 and t.valid_to > $2)
    or (t.valid_to > $3 and t.valid_to <= $2 and not exists (
          select from read.transaction n where n.id = t.id and n.valid_from >= t.valid_to
             and n.valid_from <= $2 and n.day between $4 and $5)))
group by 1
