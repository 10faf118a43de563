-- A business's part of the log, in order. $1 business, $2 after this number, $3 up to this position, $4 how many.
select position from store.log where business = $1 and business_sequence > $2 and position <= $3
order by business_sequence limit $4
