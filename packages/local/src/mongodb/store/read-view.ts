import type { Collection } from '../catalog/collection.ts'
import type { DocumentRows, StoredDocument } from './document-rows.ts'
import { Overlay } from './overlay.ts'
import type { OwnDocuments } from './own-documents.ts'
import type { VersionHistory } from './version-history.ts'

/** The documents as one reader sees them. */
export interface ReadView {
  /** The newest commit the view shows, absent when it always shows the latest. */
  readonly snapshotTs?: bigint
  /** Finds a document by its key. */
  byKey(collection: Collection, key: Buffer): StoredDocument | undefined
  /** What differs from the file, absent when nothing does. */
  overlay(collection: Collection): Overlay | undefined
}

/** Everything that is committed. */
export class CurrentView implements ReadView {
  constructor(private readonly rows: DocumentRows) {}

  byKey(_collection: Collection, key: Buffer): StoredDocument | undefined {
    return this.rows.byKey(key)
  }

  overlay(): undefined {
    return undefined
  }
}

/** What was committed at one moment, and the writes of one transaction on top. */
export class SnapshotView implements ReadView {
  constructor(
    private readonly rows: DocumentRows,
    private readonly versions: VersionHistory,
    readonly snapshotTs: bigint,
    private readonly own: (collection: Collection) => OwnDocuments | undefined,
  ) {}

  byKey(collection: Collection, key: Buffer): StoredDocument | undefined {
    const text = key.toString('latin1')
    const own = this.own(collection)?.get(text)
    if (own !== undefined) return own ?? undefined
    const then = this.versions.at(collection.id, text, this.snapshotTs)
    return then === undefined ? this.rows.byKey(key) : (then ?? undefined)
  }

  overlay(collection: Collection): Overlay | undefined {
    const own = this.own(collection)
    const { snapshotTs: ts, versions } = this
    const older = {
      has: (key: string) => versions.at(collection.id, key, ts) !== undefined,
      all: () => versions.changedSince(collection.id, ts),
    }
    if (!own && older.all().next().done === true) return undefined
    return new Overlay(own, older)
  }
}
