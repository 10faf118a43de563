-- How a person said that files are read, oldest first: sealed, under a hash of the account's name. $1 business.
select account, format, mapping #>> '{}' as sealed, kept_at
from sources.mapping where business = $1 order by kept_at, account, format, header
