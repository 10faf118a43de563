-- When the provider was last told where its messages go; null where it was not, or not with this access.
alter table connectors.connection add column subscribed_at timestamptz;
