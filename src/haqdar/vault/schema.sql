-- The vault's tables, in a database of their own. Applied whole when a process finds them made by another text;
-- every statement is without effect where it was carried out before.
CREATE SCHEMA IF NOT EXISTS vault;
REVOKE ALL ON SCHEMA vault FROM PUBLIC;

-- Data keys, wrapped by the master key (a file's or a token's). `hash` is one for ever; of `seal` the highest version seals.
CREATE TABLE IF NOT EXISTS vault.data_key (
    version smallint PRIMARY KEY,
    purpose text COLLATE "C" NOT NULL CHECK (purpose IN ('hash', 'seal')),
    wrapped bytea NOT NULL,
    master text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- One row per Aadhaar number: `hash` (HMAC-SHA-256, first 128 bits) makes a number stand once, `ref` is random.
CREATE TABLE IF NOT EXISTS vault.number (
    ref uuid PRIMARY KEY,
    hash uuid NOT NULL,
    sealed bytea NOT NULL,
    key_version smallint NOT NULL,
    CONSTRAINT number_stands_once UNIQUE (hash)
);
CREATE INDEX IF NOT EXISTS number_by_key ON vault.number (key_version) WHERE key_version > 1;

-- eKYC data in transit: a file's content until a day and hour.
CREATE TABLE IF NOT EXISTS vault.content (
    key uuid PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    sealed bytea NOT NULL,
    key_version smallint NOT NULL,
    until timestamptz NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- Whom it is about, by the opaque key of the resident, where that is known: the log of each access says so.
ALTER TABLE vault.content ADD COLUMN IF NOT EXISTS about uuid;
CREATE INDEX IF NOT EXISTS content_until ON vault.content (until);

-- Who asked the vault for what, and why. `ref` is the one thing asked for, `refs` several;
-- of a drawer of eKYC data (`vault.content`) `ref` is its key, and `refs` the resident's it is about. No number, no name of a resident.
CREATE TABLE IF NOT EXISTS vault.access (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    user_id bigint,
    actor text NOT NULL CHECK (actor <> ''),
    function text COLLATE "C" NOT NULL,
    ip inet,
    act text COLLATE "C" NOT NULL,
    purpose text COLLATE "C" NOT NULL CHECK (purpose <> ''),
    asked bigint NOT NULL,
    given bigint NOT NULL,
    ref uuid,
    refs uuid[]
);
CREATE INDEX IF NOT EXISTS access_by_ref ON vault.access (ref) WHERE ref IS NOT NULL;
CREATE INDEX IF NOT EXISTS access_by_refs ON vault.access USING gin (refs) WHERE refs IS NOT NULL;
CREATE INDEX IF NOT EXISTS access_by_actor ON vault.access (actor, id);
CREATE INDEX IF NOT EXISTS access_by_purpose ON vault.access (purpose, id);
CREATE INDEX IF NOT EXISTS access_by_time ON vault.access (at);

CREATE OR REPLACE FUNCTION vault.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log of the vault is only added to';
END $$;
CREATE OR REPLACE TRIGGER access_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.access
    FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse();

-- The log sealed link by link (log_chain.py): `digest` is over the lines above `after_id` up to `upto_id` and the link before.
CREATE TABLE IF NOT EXISTS vault.log_link (
    number integer PRIMARY KEY,
    after_id bigint NOT NULL,
    upto_id bigint NOT NULL CHECK (upto_id > after_id),
    lines bigint NOT NULL,
    digest bytea NOT NULL,
    mac bytea NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE OR REPLACE TRIGGER link_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.log_link
    FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse();
