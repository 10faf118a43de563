-- The first day of an account's transactions. $1 business, $2 account, $3 as known at this position.
select min(day) from read.transaction
where business = $1 and account = $2 and valid_from <= $3 and valid_to > $3
