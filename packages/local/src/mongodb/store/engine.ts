import type { LocalStorage } from '../../storage/local-storage.ts'
import { Catalog } from '../catalog/catalog.ts'
import { ChangeLog } from '../change-stream/change-log.ts'
import { LockTable } from '../transaction/lock-table.ts'
import { DocumentRows } from './document-rows.ts'
import { LogicalClock } from './logical-clock.ts'
import { SCHEMA } from './schema.ts'
import { VersionHistory } from './version-history.ts'

/** The documents with everything around them; built from the file when a server starts. */
export class Engine {
  readonly rows: DocumentRows
  readonly catalog: Catalog
  readonly versions = new VersionHistory()
  readonly locks = new LockTable()
  readonly clock: LogicalClock
  readonly changes: ChangeLog

  constructor(readonly storage: LocalStorage) {
    storage.migrate(SCHEMA)
    this.rows = new DocumentRows(storage)
    this.catalog = new Catalog(storage, this.rows)
    this.clock = new LogicalClock(ChangeLog.lastTime(storage))
    this.changes = new ChangeLog(storage)
  }
}
