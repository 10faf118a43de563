-- Who can sign in, and with what. What names a person is sealed (`*_sealed`: AES-256-GCM, the row bound into it) and
-- found by a keyed hash (`*_hash`); tokens, codes and keys are kept as hashes only.
create schema if not exists access;

create table access.user_account (
    id uuid primary key,
    email_hash bytea not null unique,
    email_sealed bytea not null,
    name_sealed bytea not null,
    -- PHC string of Argon2id; the bcrypt hash of an imported user until the first sign-in; none: passkey only.
    password_hash text,
    made_at timestamptz not null default now(),
    password_at timestamptz not null default now()
);

-- Waits for the link in the mail; the account begins with it, so that nobody can occupy an address.
create table access.registration (
    token_hash bytea primary key,
    email_hash bytea not null,
    email_sealed bytea not null,
    name_sealed bytea not null,
    password_hash text not null,
    expires_at timestamptz not null
);

-- Links in mails. `purpose`: reset, email, unlock. `payload_sealed`: the new address of a change.
create table access.mail_token (
    token_hash bytea primary key,
    user_id uuid not null references access.user_account on delete cascade,
    purpose text not null,
    payload_sealed bytea,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index on access.mail_token (user_id, purpose);

-- Letters that are still to be sent.
create table access.letter (
    id uuid primary key,
    sealed bytea not null,
    attempts integer not null default 0,
    next_at timestamptz not null default now(),
    made_at timestamptz not null default now()
);
create index on access.letter (next_at);

-- `user_id` null: the local owner.
create table access.session (
    id uuid primary key,
    user_id uuid references access.user_account on delete cascade,
    begun_at timestamptz not null default now(),
    used_at timestamptz not null default now(),
    ends_at timestamptz not null,
    ended_at timestamptz,
    end_reason text,
    agent text,
    address text,
    confirmed_at timestamptz,
    second_factor_at timestamptz
);
create index on access.session (user_id, ended_at);
create index on access.session (ends_at);

-- One family per session: each is used once and replaced by the next.
create table access.refresh_token (
    token_hash bytea primary key,
    session uuid not null references access.session on delete cascade,
    made_at timestamptz not null default now(),
    used_at timestamptz
);
create index on access.refresh_token (session);

-- The password was right; the second factor is still to come.
create table access.pending_sign_in (
    token_hash bytea primary key,
    user_id uuid not null references access.user_account on delete cascade,
    expires_at timestamptz not null
);

-- Failures by account, device and address. `key`: a keyed hash of which.
create table access.attempt (
    key bytea primary key,
    failures integer not null,
    last_at timestamptz not null,
    blocked_until timestamptz,
    refused boolean not null default false
);

-- Keys that sign access tokens. The private half is sealed, and goes when nothing signed by it can be valid.
create table access.signing_key (
    kid text primary key,
    public_key bytea not null,
    private_sealed bytea not null,
    signs_from timestamptz not null,
    retires_at timestamptz
);

create table access.totp (
    user_id uuid primary key references access.user_account on delete cascade,
    secret_sealed bytea not null,
    confirmed_at timestamptz,
    -- The step of the last code that was taken: no code of it or an earlier one is taken again.
    last_step bigint not null default 0
);

create table access.recovery_code (
    user_id uuid not null references access.user_account on delete cascade,
    code_hash bytea not null,
    used_at timestamptz,
    primary key (user_id, code_hash)
);

create table access.passkey (
    id uuid primary key,
    user_id uuid not null references access.user_account on delete cascade,
    credential_id bytea not null unique,
    -- Public key and what was known at enrolment; what changes with each use.
    static_state bytea not null,
    dynamic_state bytea not null,
    transports smallint not null default 0,
    name text not null,
    made_at timestamptz not null default now(),
    used_at timestamptz
);
create index on access.passkey (user_id);

-- A passkey ceremony between its two requests.
create table access.ceremony (
    token_hash bytea primary key,
    user_id uuid references access.user_account on delete cascade,
    purpose text not null,
    state_sealed bytea not null,
    expires_at timestamptz not null
);

create table access.api_key (
    id uuid primary key,
    business uuid not null,
    role text not null,
    scopes text[] not null,
    name text not null,
    prefix text not null,
    key_hash bytea not null unique,
    made_by text not null,
    made_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    used_at timestamptz
);
create index on access.api_key (business);

-- What takes a right away is told to every process at once, as changes of memberships are: each drops what it
-- remembers of sessions.
create function access.tell_change() returns trigger language plpgsql as $$
begin
    perform pg_notify('workdock_access', '');
    return null;
end
$$;
create trigger tell_change after update of ended_at, second_factor_at, confirmed_at or delete on access.session
    for each statement execute function access.tell_change();
create trigger tell_change after update of revoked_at or delete on access.api_key
    for each statement execute function access.tell_change();
create trigger tell_change after update of password_hash or delete on access.user_account
    for each statement execute function access.tell_change();
create trigger tell_change after insert or update of confirmed_at or delete on access.totp
    for each statement execute function access.tell_change();
create trigger tell_change after insert or delete on access.passkey
    for each statement execute function access.tell_change();

-- Sessions were signed with one secret before; they end with it.
drop table access.ended_session;

do $$
begin
    if exists (select from pg_roles where rolname = 'workdock') then
        grant usage on schema access to workdock;
        grant select, insert, update, delete on access.user_account, access.registration, access.mail_token,
            access.letter, access.session, access.refresh_token, access.pending_sign_in, access.attempt,
            access.signing_key, access.totp, access.recovery_code, access.passkey, access.ceremony, access.api_key
            to workdock;
    end if;
end
$$;
