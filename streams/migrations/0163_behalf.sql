-- For whom a source is read: the subject who connected it.
alter table connectors.connection add column connected_by text;
