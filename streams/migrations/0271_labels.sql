-- Where sessions are used from, and what people call their passkeys and keys: sealed. Sessions say it again with their next
-- refresh; names of before are sealed within the hour.
alter table access.session drop column agent, drop column address, add column origin_sealed bytea;
alter table access.passkey alter column name drop not null, add column name_sealed bytea;
alter table access.api_key alter column name drop not null, add column name_sealed text;
