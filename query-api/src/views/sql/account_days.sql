-- The first and the last day of an account's transactions. $1 business, $2 account, $3 as known at this position.
select min(day), max(day) from read.transaction
where business = $1 and account = $2 and valid_from <= $3 and valid_to > $3
