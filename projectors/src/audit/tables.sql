-- What happened, one row for each event of the log, as people read it. `business` is the nil UUID for what concerns no
-- business. `before` and `after`: the fields that the event set, as a JSON object; `before` only those that differed.
create table event (
    position bigint primary key,
    business uuid not null,
    business_sequence bigint not null,
    at timestamptz not null,
    kind text not null,
    actor text not null,
    on_behalf_of text,
    aggregate text not null,
    -- Whom or what it concerns: a user, a key, an account ...
    subject uuid not null,
    summary text not null,
    before text,
    after text,
    request text,
    address text,
    agent text,
    trace text,
    hash text not null,
    -- Of a closed month: by which its report is found.
    code text,
    -- What a search finds it by.
    words tsvector generated always as (
        to_tsvector('simple', translate(kind, '._', '  ') || ' ' || summary || ' ' || coalesce(before, '') || ' ' ||
                              coalesce(after, ''))
    ) stored
);
create unique index event_by_position on event (business, position);
create index event_by_kind on event (business, kind, position);
create index event_by_actor on event (business, actor, position);
create index event_by_subject on event (business, subject, position);
create index event_by_words on event using gin (words);
-- Where words are looked for in texts that are sealed.
create index event_sealed on event (business, position) where after like '%"sealed_at"%';
create unique index event_by_code on event (code) where code is not null;

-- What is known of each subject now: where `before` is read from.
create table known (
    business uuid not null,
    subject uuid not null,
    field text not null,
    value text not null,
    primary key (business, subject, field)
);

-- Who belonged to a business, after which position and until which: their sign-ins are shown in its history, too.
create table membership (
    business uuid not null,
    member uuid not null,
    since bigint not null,
    until bigint,
    primary key (business, member, since)
);

-- Parts of the history that stand in files, and left it with the event at `position`.
create table archive (
    business uuid not null,
    position bigint primary key,
    at timestamptz not null,
    file text not null,
    first_position bigint not null,
    last_position bigint not null,
    events bigint not null,
    before timestamptz not null,
    sha256 text not null,
    bytes bigint not null
);
create index archive_by_business on archive (business, position);
