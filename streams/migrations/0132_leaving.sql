-- People who asked for their accounts to be erased.
create table access.leaving (
    user_id uuid primary key references access.user_account on delete cascade,
    requested_at timestamptz not null default now(),
    due_at timestamptz not null
);
do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        grant select, insert, update, delete on access.leaving to workdock;
    end if;
end
$$;
