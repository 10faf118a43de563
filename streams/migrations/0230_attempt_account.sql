-- Whose device it is, so that a link in a mail ends the wait of each of them. A keyed hash; devices alone have it.
alter table access.attempt add column account bytea;
create index attempt_account on access.attempt (account) where account is not null;
