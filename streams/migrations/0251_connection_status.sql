-- Whoever looks at connections is told when one stands otherwise. A lease that is renewed is no news.
create function connectors.tell() returns trigger language plpgsql as $$
begin
    perform pg_notify('workdock_connections', new.business::text);
    return null;
end
$$;
create trigger tell after insert or update of state, accounts, health, reason, next_at, leased_by, succeeded_at, failures,
    history_reached, history_done_at, accounts_done, pages, transactions, recorded on connectors.connection
    for each row execute function connectors.tell();
