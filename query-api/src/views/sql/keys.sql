-- Keys for machines of a business, oldest first, those that were revoked too; never what they open with. $1 business.
select id, coalesce(name, '') as name, name_sealed, prefix, role, scopes, made_by, made_at, expires_at, revoked_at, used_at
from access.api_key where business = $1 order by made_at, id
