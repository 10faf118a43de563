-- Connections of a business, newest first, those that ended last. $1 business.
select source, provider, created_at, state, health,
    case when state = 'ended' and exists (select from connectors.retired r where r.source = connection.source)
        then 'giving_back' else reason end as reason, health_since, coalesce(leased_until > now(), false) as working,
    began_at as last_sync, succeeded_at as last_success,
    case when state = 'active' and next_at < 'infinity' then next_at end as next_sync, failures, history_from,
    history_reached, history_done_at is not null as history_done, accounts, accounts_done, account_percent, pages, transactions, recorded
from connectors.connection where business = $1 order by state = 'ended', created_at desc, source
