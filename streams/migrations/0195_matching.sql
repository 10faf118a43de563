-- Which transactions were found to be the same money. What stands (applied, accepted, refused) is in the log, and these
-- rows follow from it; what is only proposed is found anew where it is lost.
create table meaning.match_followed (
    one boolean primary key default true check (one),
    looked_to bigint not null
);
insert into meaning.match_followed (looked_to) values (0);
create table meaning.match_source (
    source uuid primary key,
    business uuid not null,
    role text not null
);
create table meaning.match_account (
    account uuid primary key,
    business uuid not null,
    role text not null
);
create index match_account_by_business on meaning.match_account (business);
-- Days of a business that are to be looked at, newest first.
create table meaning.match_pass (
    business uuid primary key,
    from_day date not null,
    to_day date not null,
    -- The position of the event that asked for it: rows must show it.
    asked_at bigint not null
);
create table meaning.match (
    business uuid not null,
    id uuid not null,
    relation text not null,
    percent integer not null,
    state text not null check (state in ('proposed', 'applied', 'accepted', 'refused')),
    -- The later of its days, and the amount of its first leg without sign.
    day date not null,
    amount numeric not null,
    currency text not null,
    -- Legs and evidence (JSON).
    found text not null,
    primary key (business, id)
);
create index match_by_state on meaning.match (business, state, day, id);
create table meaning.match_leg (
    business uuid not null,
    transaction uuid not null,
    match uuid not null,
    primary key (business, transaction, match)
);
create index match_leg_by_match on meaning.match_leg (business, match);
do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        grant select, update on meaning.match_followed to workdock;
        grant select, insert, update, delete on meaning.match_source, meaning.match_account, meaning.match_pass,
            meaning.match, meaning.match_leg to workdock;
    end if;
end
$$;
