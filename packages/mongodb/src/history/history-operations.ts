import type { DocumentWrite } from '@varve/core'
import type { AnyBulkWriteOperation } from 'mongodb'
import { type HistoryVersion, openDate, openPosition } from './history-collection.ts'
import { validityIndex } from './history-indexes.ts'
import { cutOperations } from './history-retention.ts'
import { dateCell, endedDateCell, openCell, positionCell } from './validity-cell.ts'

/** One operation on the versions of a collection. */
export type HistoryOperation = AnyBulkWriteOperation<HistoryVersion>

/**
 * Builds the operations that add the versions of a batch: the version that was valid until now gets its end, then
 * the new ones are written. A deletion only ends what was valid.
 *
 * @param mode `in-order` and `insert` where a transaction proves that nothing of the batch is there, the first also
 *   that all of it was recorded after what is there; `repeat` may run any number of times, also with the batch cut
 *   at other places, and never opens a version again that has ended.
 */
export function historyOperations(
  writes: readonly DocumentWrite[],
  mode: 'in-order' | 'insert' | 'repeat',
): HistoryOperation[] {
  const ends: HistoryOperation[] = []
  const versions: HistoryOperation[] = []
  for (const write of writes) {
    if (write.versions.length === 0) continue
    const made = validities(write)
    const [first] = made
    if (first && write.previous !== undefined) {
      if (mode !== 'in-order') ends.push(endBefore(write.id, first))
      ends.push(endOf(write.id, write.previous, first))
    }
    const counted = numbersOf(write)
    for (const [index, version] of made.entries()) {
      if (version.doc === undefined) continue
      const added = { ...version, doc: version.doc, ...counted(index) }
      versions.push(mode === 'repeat' ? repeatable(write.id, added) : insert(write.id, added))
    }
  }
  return [...ends, ...versions, ...writes.flatMap(cutOperations)]
}

/** Counts versions back from the last one; those before a deletion within the batch count as the oldest. */
function numbersOf({ model, events, versions }: DocumentWrite): (index: number) => { n?: number } {
  if (model.retention?.keepVersions === undefined) return () => ({})
  return (index) => ({ n: Math.max(0, events - (versions.length - 1 - index)) })
}

type Validity = Pick<HistoryVersion, 'from' | 'to' | 'fromAt' | 'toAt'> & {
  readonly doc: HistoryVersion['doc'] | undefined
  /** The earliest date among this version and all later ones of the batch. */
  readonly earliestAt: Date
}
type AddedVersion = Validity & Pick<HistoryVersion, 'doc' | 'n'>

/**
 * Works out from when to when each version is valid, from the last one back.
 *
 * A later position wins over an earlier one also by date: a version ends with the earliest date after it, even
 * where the log's clock went back, so no two versions of a document are valid at once.
 */
function validities({ versions }: DocumentWrite): readonly Validity[] {
  const made: Validity[] = []
  let to = openPosition
  let toAt = openDate
  for (const { position, recordedAt, document } of [...versions].reverse()) {
    const earliestAt = recordedAt < toAt ? recordedAt : toAt
    made.push({ from: position, to, fromAt: recordedAt, toAt, doc: document, earliestAt })
    to = position
    toAt = earliestAt
  }
  return made.reverse()
}

function endOf(id: string, from: bigint, first: Validity): HistoryOperation {
  return {
    updateOne: {
      filter: { _id: { id, from } },
      update: [
        {
          $set: {
            to: { $min: ['$to', first.from] },
            toAt: { $min: ['$toAt', first.earliestAt] },
            cell: positionCell(from, first.from),
            cellAt: endedDateCell(first.earliestAt),
          },
        },
      ],
    },
  }
}

/** The cells of others than the last one may be too large from now on, which only makes them slower to find. */
function endBefore(id: string, first: Validity): HistoryOperation {
  return {
    updateMany: {
      filter: { id, from: { $lt: first.from }, toAt: { $gt: first.earliestAt } },
      update: { $min: { to: first.from, toAt: first.earliestAt } },
      // The other index by id reads every version there ever was; this one only those still valid.
      hint: validityIndex,
    },
  }
}

function insert(id: string, version: AddedVersion): HistoryOperation {
  const { from, to, fromAt, toAt, doc } = version
  const cells = { cell: positionCell(from, to), cellAt: dateCell(fromAt, toAt) }
  return {
    insertOne: {
      document: {
        _id: { id, from },
        id,
        from,
        to,
        fromAt,
        toAt,
        ...cells,
        doc,
        ...numbered(version),
      },
    },
  }
}

function repeatable(id: string, version: AddedVersion): HistoryOperation {
  const { from, to, fromAt, toAt, doc } = version
  const fixed = { id, from, fromAt, doc, ...numbered(version) }
  const open = { to, toAt, cell: openCell, cellAt: openCell }
  const ended = { cell: positionCell(from, to), cellAt: dateCell(fromAt, toAt) }
  const update =
    to === openPosition
      ? { $setOnInsert: { ...fixed, ...open } }
      : { $setOnInsert: fixed, $min: { to, toAt }, $set: ended }
  return { updateOne: { filter: { _id: { id, from } }, update, upsert: true } }
}

function numbered({ n }: AddedVersion): { readonly n?: number } {
  return n === undefined ? {} : { n }
}
