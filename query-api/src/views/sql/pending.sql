-- Number and sum of what is not booked yet, by account. $1 source.
select account, count(*), sum(amount) from connectors.pending where source = $1 group by account
