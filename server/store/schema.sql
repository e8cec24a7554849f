-- The relay's embedded store, version 5 (server/README.md "Store"). Everything that grows with use
-- stands in tables ordered by rowid, so that new rows are appended, with small indexes beside them:
-- a table ordered by thread costs four times as much for each entry.
-- Ids are 16-byte blobs; times are milliseconds UTC.

CREATE TABLE meta (
  name TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT;
INSERT INTO meta (name, value) VALUES ('key_prints', randomblob(16));  -- their secret

-- One row for each case; rewritten with each entry, so it holds nothing large.
CREATE TABLE threads (
  no INTEGER PRIMARY KEY,  -- stands for the case id in all other tables
  case_id BLOB NOT NULL UNIQUE,
  head_seq INTEGER NOT NULL,
  head_hash BLOB NOT NULL,
  head_received_at INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  card_hash BLOB NOT NULL,
  card_seq INTEGER NOT NULL,
  closing_seq INTEGER NOT NULL DEFAULT 0,  -- of the newest closing notice; 0: none
  is_closed INTEGER NOT NULL DEFAULT 0,
  keep_years INTEGER NOT NULL DEFAULT 0,
  counted_from INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX threads_closed ON threads (counted_from) WHERE is_closed = 1;

CREATE TABLE entries (
  id INTEGER PRIMARY KEY,
  thread INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  hash BLOB NOT NULL,
  key BLOB,                -- tells a retry (rows.h EntryKey)
  payload BLOB NOT NULL    -- last: what is read without it stays on the first page
) STRICT;
-- With the key, so that it is read from here. No index by key: it would put each new one on a page of
-- its own, and cost the more the larger the store is (key_prints.h).
CREATE INDEX entries_by_seq ON entries (thread, seq, key);
CREATE TABLE key_prints (
  thread INTEGER NOT NULL,
  first INTEGER NOT NULL,  -- entry of the block; only whole blocks are here
  prints BLOB NOT NULL,
  PRIMARY KEY (thread, first)
) STRICT, WITHOUT ROWID;

CREATE TABLE group_infos (
  thread INTEGER PRIMARY KEY,
  group_info BLOB NOT NULL
) STRICT;

-- From which entry to which a person reads a thread; last NULL: a member.
CREATE TABLE spans (
  id INTEGER PRIMARY KEY,
  thread INTEGER NOT NULL,
  institution BLOB NOT NULL,
  person BLOB NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER
) STRICT;
CREATE INDEX spans_by_person ON spans (person, institution, thread);

CREATE TABLE envelopes (
  id INTEGER PRIMARY KEY,
  thread INTEGER NOT NULL,
  key_id BLOB NOT NULL,
  generation INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  envelope BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX envelopes_by_key ON envelopes (thread, key_id, generation, epoch);

CREATE TABLE packs (
  id INTEGER PRIMARY KEY,
  thread INTEGER NOT NULL,
  key_id BLOB NOT NULL,
  seq INTEGER NOT NULL,  -- of the notice
  pack BLOB NOT NULL
) STRICT;
CREATE INDEX packs_by_key ON packs (thread, key_id, seq);

-- A welcome is kept once for all devices that it is for.
CREATE TABLE welcomes (
  id INTEGER PRIMARY KEY,
  welcome BLOB NOT NULL
) STRICT;
CREATE TABLE mail (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  device BLOB NOT NULL,
  thread INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  welcome INTEGER NOT NULL
) STRICT;
CREATE INDEX mail_by_device ON mail (device, id);
CREATE INDEX mail_by_welcome ON mail (welcome);

-- Certificates (fingerprint set) and the newest revocation list of each issuer (list_number set,
-- subject_key_id: the issuer's). AUTOINCREMENT: a position is never used again.
CREATE TABLE directory (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  fingerprint BLOB UNIQUE,
  list_number INTEGER,
  role INTEGER NOT NULL,
  institution BLOB NOT NULL,
  person BLOB NOT NULL,
  device BLOB NOT NULL,
  subject_key_id BLOB NOT NULL,
  institution_key BLOB NOT NULL,
  der BLOB NOT NULL
) STRICT;
CREATE INDEX directory_by_key ON directory (subject_key_id);
CREATE INDEX directory_by_person ON directory (person, institution, role);
CREATE INDEX directory_by_device ON directory (device);

CREATE TABLE key_packages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  device BLOB NOT NULL,
  handed_out INTEGER NOT NULL DEFAULT 0,
  key_package BLOB NOT NULL
) STRICT;
CREATE INDEX key_packages_by_device ON key_packages (device, id);

CREATE TABLE tickets (
  id INTEGER PRIMARY KEY,
  ticket BLOB NOT NULL UNIQUE,
  purpose INTEGER NOT NULL,
  institution BLOB NOT NULL,
  person BLOB NOT NULL,
  device BLOB NOT NULL,
  expires_at INTEGER NOT NULL,
  state INTEGER NOT NULL,
  signed_request BLOB NOT NULL,
  signed_link BLOB NOT NULL,
  sealed_package BLOB NOT NULL,
  certificates BLOB NOT NULL,  -- each after its length, 4 bytes big-endian
  chain BLOB NOT NULL
) STRICT;
CREATE INDEX tickets_by_creator ON tickets (institution, person, state);
CREATE INDEX tickets_by_expiry ON tickets (expires_at);

-- One row for each urgent alert, rewritten with each step in the transaction that appends its note.
CREATE TABLE alerts (
  id INTEGER PRIMARY KEY,
  thread INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  record BLOB NOT NULL,
  institution BLOB NOT NULL,  -- of the sender
  person BLOB NOT NULL,
  device BLOB NOT NULL,
  state INTEGER NOT NULL,     -- 1: open
  next_step INTEGER NOT NULL,
  boot BLOB NOT NULL,         -- the timer (rows.h AlertTimer)
  elapsed INTEGER NOT NULL,
  wall INTEGER NOT NULL,
  wait INTEGER NOT NULL,
  responder BLOB,
  plan BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX alerts_by_seq ON alerts (thread, seq);
CREATE INDEX alerts_open ON alerts (thread) WHERE state = 1;
CREATE INDEX alerts_open_by_device ON alerts (device) WHERE state = 1;

-- How many bytes a device (owner 1) or an institution (2) have in the tables above (core/usage.h).
CREATE TABLE stored_bytes (
  owner INTEGER NOT NULL,
  id BLOB NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;
-- The thread was told that it will be deleted.
CREATE TABLE announcements (
  thread INTEGER PRIMARY KEY,
  counted_from INTEGER NOT NULL,
  at INTEGER NOT NULL,
  ran INTEGER NOT NULL
) STRICT;

-- What is left of a case that was deleted. Its number is never used again.
CREATE TABLE deletions (
  no INTEGER PRIMARY KEY,
  case_id BLOB NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  certificate BLOB NOT NULL,
  readers BLOB NOT NULL,     -- institution and person, 16 bytes each
  remains INTEGER NOT NULL   -- 1: rows of it are still to be deleted
) STRICT;
CREATE INDEX deletions_remaining ON deletions (no) WHERE remains = 1;

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  institution BLOB NOT NULL,
  person BLOB NOT NULL,
  device BLOB NOT NULL,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL,
  subject BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT;
