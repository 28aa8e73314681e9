/**
 * Tables of the MongoDB server.
 *
 * A row id is the collection's id times 2^36 plus a sequence, so that rows of a collection lie
 * together in the order of insertion. Keys are bytes in comparison order: of documents the collection
 * id and the `_id`, of index entries the index id, the indexed values and the row id.
 */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS mongo_collection (
  id INTEGER PRIMARY KEY, ns TEXT NOT NULL UNIQUE, spec BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS mongo_index (
  id INTEGER PRIMARY KEY, collection INTEGER NOT NULL, spec BLOB NOT NULL, multikey INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS mongo_document (
  rid INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, bson BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS mongo_entry (
  key BLOB PRIMARY KEY, rid INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mongo_session (
  id TEXT PRIMARY KEY, at INTEGER NOT NULL, state BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mongo_change (
  seq INTEGER PRIMARY KEY, ts BLOB NOT NULL, size INTEGER NOT NULL, entries BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS mongo_change_ts ON mongo_change (ts);
`

/** Row ids of one collection span this many numbers. */
export const ROWS_PER_COLLECTION = 2 ** 36
