-- What files said of an account, in the order in which they came. $1 business, $2 account.
select account, spans::text as spans, refused from sources.statement
where business = $1 and account = $2 order by kept_at, file
