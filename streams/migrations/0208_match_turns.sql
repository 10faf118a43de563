-- Days that are asked for while older ones are still looked at are a pass of their own, and all passes take turns: no
-- business waits for another's history, and no history for what comes today.
create sequence meaning.match_turn;
alter table meaning.match_pass drop constraint match_pass_pkey;
alter table meaning.match_pass add column id uuid primary key default gen_random_uuid();
alter table meaning.match_pass add column turn bigint not null default nextval('meaning.match_turn');
create index match_pass_by_business on meaning.match_pass (business);
create index match_pass_by_turn on meaning.match_pass (turn);
do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        grant usage on meaning.match_turn to workdock;
    end if;
end
$$;
