/**
 * Tables of the event log.
 *
 * `es_event` holds what is scanned and searched, in rows of a few bytes; `es_frame` what is sent. Everything
 * else (last revisions, metadata, deletions) is found by index seeks, so opening reads nothing and memory
 * does not grow with the log.
 */
export const LOG_SCHEMA = `
CREATE TABLE IF NOT EXISTS es_stream (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS es_type (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS es_event (
  sequence INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  type INTEGER NOT NULL,
  created INTEGER NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS es_event_of_stream ON es_event (stream, revision);
CREATE TABLE IF NOT EXISTS es_frame (sequence INTEGER PRIMARY KEY, frame BLOB NOT NULL);
`
