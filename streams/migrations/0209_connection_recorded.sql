-- What a connection's accounts hold; `transactions` counts what was read, some of it more than once.
alter table connectors.connection add column recorded bigint not null default 0;
update connectors.connection set recorded =
    (select coalesce(sum(added - removed), 0) from connectors.sync where sync.source = connection.source);
