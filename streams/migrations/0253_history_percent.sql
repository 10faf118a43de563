-- Of the account whose history is being read: how much of it, in percent.
alter table connectors.connection add column account_percent smallint not null default 0;
