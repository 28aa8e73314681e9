import {
  type DocumentWrite,
  type ReadModelDefinition,
  type ReadModelDocument,
  type StoredDocument,
  type StoredVersion,
  UniqueIndexViolationError,
  type VersionKey,
  type ViewPoint,
} from '@varve/core'
import { copyDocument } from './copy-document.ts'
import { type ReadModelRow, toRow } from './read-model-row.ts'
import { UniqueIndex } from './unique-index.ts'

interface StoredRow {
  readonly position: bigint
  readonly events: number
  /** Undefined: deleted. */
  readonly row: ReadModelRow | undefined
}

interface Version extends Omit<StoredRow, 'events'> {
  readonly recordedAt: number
}

/** A write with everything copied and checked, so that applying it cannot fail. */
export interface PreparedWrite extends StoredRow {
  readonly model: ReadModelDefinition
  readonly id: string
  readonly versions: readonly Version[]
  /** Whether it replaces what is as new, too. */
  readonly isRepair?: boolean
}

/**
 * Copies what a write brings.
 *
 * @throws {DocumentTooLargeError}
 */
export function prepareWrite({
  model,
  id,
  document,
  position,
  events,
  versions,
}: DocumentWrite): PreparedWrite {
  const row = document && toRow(model.name, id, document)
  return {
    model,
    id,
    position,
    events,
    row,
    versions: versions.map((version) => ({
      position: version.position,
      recordedAt: version.recordedAt.getTime(),
      row:
        version.document === document
          ? row
          : version.document && toRow(model.name, id, version.document),
    })),
  }
}

/** The documents of one read model in one generation, and what they were before. */
export class InMemoryCollection {
  readonly #model: string
  readonly #unique: readonly UniqueIndex[]
  readonly #live = new Map<string, StoredRow & { readonly row: ReadModelRow }>()
  readonly #deleted = new Map<string, bigint>()
  /** Oldest version first. */
  readonly #history = new Map<string, Version[]>()

  constructor({ name, indexes }: ReadModelDefinition) {
    this.#model = name
    this.#unique = indexes.filter(({ unique }) => unique).map((index) => new UniqueIndex(index))
  }

  /** @throws {UniqueIndexViolationError} The writes would give two documents the same value. */
  check(writes: readonly PreparedWrite[]): void {
    for (const index of this.#unique) {
      const violation = index.violation(writes.filter((write) => this.#isNewer(write)))
      if (!violation) continue
      const { id, index: name, value } = violation
      throw new UniqueIndexViolationError(this.#model, id, name, value)
    }
  }

  /** Applies a write, unless the stored version is as new: a repetition changes nothing. */
  apply(write: PreparedWrite): void {
    const { id, row, position, events, versions } = write
    this.#remember(id, versions)
    if (!this.#isNewer(write)) return
    for (const index of this.#unique) index.change(id, this.#live.get(id)?.row, row)
    if (row) {
      this.#live.set(id, { position, events, row })
      this.#deleted.delete(id)
    } else {
      this.#live.delete(id)
      this.#deleted.set(id, position)
    }
  }

  load(id: string): StoredDocument | undefined {
    const live = this.#live.get(id)
    if (live) {
      const { position, events } = live
      return { document: copyDocument(live.row.document), position, events }
    }
    const position = this.#deleted.get(id)
    return position === undefined ? undefined : { document: undefined, position, events: 0 }
  }

  row(id: string, at?: ViewPoint): ReadModelRow | undefined {
    return at ? versionAt(this.#history.get(id), at)?.row : this.#live.get(id)?.row
  }

  *rows(at?: ViewPoint): Generator<ReadModelRow, undefined> {
    if (!at) for (const { row } of this.#live.values()) yield row
    else
      for (const versions of this.#history.values()) {
        const row = versionAt(versions, at)?.row
        if (row) yield row
      }
  }

  /** The documents behind an id, in the order of ids. */
  list(after: string | undefined, limit: number): readonly ReadModelDocument[] {
    const ids = [...this.#live.keys()].filter((id) => after === undefined || id > after).sort()
    return ids.slice(0, limit).map((id) => this.load(id)?.document as ReadModelDocument)
  }

  /** The versions behind one, by id and from the oldest on; those of deletions are the ends of others. */
  versions(after: VersionKey | undefined, limit: number): readonly StoredVersion[] {
    const ids = [...this.#history.keys()].filter((id) => after === undefined || id >= after.id)
    const found: StoredVersion[] = []
    for (const id of ids.sort()) {
      for (const version of this.#versionsOf(id))
        if (id !== after?.id || version.from > after.from) found.push(version)
      if (found.length >= limit) break
    }
    return found.slice(0, limit).map(copyVersion)
  }

  version({ id, from }: VersionKey): StoredVersion | undefined {
    const found = this.#versionsOf(id).find((version) => version.from === from)
    return found && copyVersion(found)
  }

  /** Works out from when to when each version is valid, from the last one back. */
  #versionsOf(id: string): readonly StoredVersion[] {
    const valid: StoredVersion[] = []
    let to: bigint | undefined
    let toAt: number | undefined
    for (const { position: from, recordedAt, row } of (this.#history.get(id) ?? []).toReversed()) {
      const end = toAt === undefined ? undefined : new Date(toAt)
      if (row)
        valid.push({
          id,
          from,
          to,
          fromAt: new Date(recordedAt),
          toAt: end,
          document: row.document,
        })
      to = from
      toAt = Math.min(recordedAt, toAt ?? Infinity)
    }
    return valid.reverse()
  }

  #isNewer({ id, position, isRepair }: PreparedWrite): boolean {
    if (isRepair) return true
    const stored = this.#live.get(id)?.position ?? this.#deleted.get(id)
    return stored === undefined || stored < position
  }

  #remember(id: string, versions: readonly Version[]): void {
    if (versions.length === 0) return
    const known = this.#history.get(id) ?? []
    const newest = known.at(-1)?.position
    for (const version of versions)
      if (newest === undefined || version.position > newest) known.push(version)
    this.#history.set(id, known)
  }
}

function copyVersion(version: StoredVersion): StoredVersion {
  return { ...version, document: copyDocument(version.document) }
}

/** A version holds from its event, inclusive, to the next one, exclusive. */
function versionAt(versions: readonly Version[] | undefined, at: ViewPoint): Version | undefined {
  if ('position' in at) return versions?.[lastUpTo(versions, at.position)]
  const date = at.date.getTime()
  return versions?.findLast(({ recordedAt }) => recordedAt <= date)
}

/** Index of the last version at or before a position, by halving; -1 where there is none. */
function lastUpTo(versions: readonly Version[], position: bigint): number {
  let [low, high] = [0, versions.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((versions[middle] as Version).position <= position) low = middle + 1
    else high = middle
  }
  return low - 1
}
