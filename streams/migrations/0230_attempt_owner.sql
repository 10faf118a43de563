-- Whose device it is, so that a link in a mail ends the wait of each of them. A keyed hash; devices alone have it.
alter table access.attempt add column owner bytea;
create index attempt_owner on access.attempt (owner) where owner is not null;
