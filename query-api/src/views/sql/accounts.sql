-- A business's accounts that were open by a position, by id; each as it stands now. $1 business, $2 position.
select id, named_at, opened_at, currency, source, closed, differs_from, checked_at from read.account
where business = $1 and opened_at <= $2
order by id
