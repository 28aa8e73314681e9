import { decodeDocument } from '../bson/decode.ts'
import { creation } from '../catalog/catalog-changes.ts'
import type { Collection } from '../catalog/collection.ts'
import type { StoredDocument } from '../store/document-rows.ts'
import { entryIndexes } from '../store/document-writer.ts'
import type { Engine } from '../store/engine.ts'
import { syncEntries } from '../store/index-entries.ts'
import { writeConflict } from './write-conflicts.ts'
import type { OwnWrite, Transaction } from './transaction.ts'

/**
 * Writes everything a transaction has kept, all or nothing.
 *
 * @param alsoWrite Runs in the same commit, for the session's record.
 * @returns The time of the commit, once it is on disk.
 * @throws {ServerError} A collection the transaction creates exists by now.
 */
export async function commitTransaction(
  engine: Engine,
  transaction: Transaction,
  alsoWrite: () => void,
): Promise<bigint> {
  transaction.state = 'committing'
  return engine.storage.write(() => {
    for (const { ns } of transaction.created) if (engine.catalog.find(ns)) throw writeConflict(ns)
    for (const collection of transaction.created) engine.catalog.add(collection)
    // Removed rows first: another document of the transaction may take over their unique keys.
    const writes = [...transaction.writes.values()].flatMap((byKey) => [...byKey.values()])
    for (const write of writes) if (write.after === null) applyWrite(engine, write)
    for (const write of writes) if (write.after !== null) applyWrite(engine, write)
    alsoWrite()
    return publish(engine, transaction, writes)
  })
}

function applyWrite(engine: Engine, { collection, before, after }: OwnWrite): void {
  const moved = before && after && before.rid !== after.rid
  if (before && (moved || !after)) writeRow(engine, collection, before, null)
  if (after) writeRow(engine, collection, moved ? undefined : before, after)
}

function writeRow(
  engine: Engine,
  collection: Collection,
  before: StoredDocument | undefined,
  after: StoredDocument | null,
): void {
  const rid = (after ?? before)?.rid
  if (rid === undefined) return
  const indexes = entryIndexes(collection)
  if (indexes.length > 0) {
    const old = before && decodeDocument(before.bytes)
    syncEntries(engine, indexes, rid, old, after ? decodeDocument(after.bytes) : undefined)
  }
  if (after === null) engine.rows.delete(rid)
  else if (before) engine.rows.update(rid, after.bytes)
  else engine.rows.insert(after)
}

function publish(engine: Engine, transaction: Transaction, writes: readonly OwnWrite[]): bigint {
  const changed = transaction.changes.length > 0 || transaction.created.length > 0
  const ts = changed ? engine.clock.next() : engine.clock.last
  engine.versions.release(transaction.snapshot)
  for (const { collection, before, after } of writes) {
    const row = before ?? after
    if (row) engine.versions.record(collection.id, row.key, row.rid, before?.bytes, ts)
  }
  if (changed) {
    engine.changes.append({
      ts,
      wallTime: new Date(),
      entries: [...transaction.created.map(creation), ...transaction.changes],
      transaction: { lsid: transaction.lsid, txnNumber: transaction.txnNumber },
    })
  }
  engine.locks.release(transaction.documentKeys(), transaction.uniqueKeys.keys())
  transaction.finish('committed')
  return ts
}
