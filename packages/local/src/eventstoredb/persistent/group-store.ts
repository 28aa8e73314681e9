import type { Statement } from '../../storage/local-storage.ts'
import type { EventLog } from '../log/event-log.ts'
import type { GroupKey, GroupSettings } from './group-settings.ts'
import type { StoredGroup } from './subscription-group.ts'

const SCHEMA = `
CREATE TABLE IF NOT EXISTS es_group (
  source TEXT NOT NULL,
  name TEXT NOT NULL,
  settings TEXT NOT NULL,
  checkpoint INTEGER NOT NULL,
  PRIMARY KEY (source, name)
) WITHOUT ROWID;
`

/** Keeps persistent subscriptions and how far they are. */
export class GroupStore {
  readonly #put: Statement
  readonly #delete: Statement
  readonly #checkpoint: Statement

  constructor(private readonly log: EventLog) {
    log.storage.migrate(SCHEMA)
    this.#put = log.storage.prepare('INSERT OR REPLACE INTO es_group VALUES (?, ?, ?, ?)')
    this.#delete = log.storage.prepare('DELETE FROM es_group WHERE source = ? AND name = ?')
    this.#checkpoint = log.storage.prepare(
      'UPDATE es_group SET checkpoint = ? WHERE source = ? AND name = ?',
    )
  }

  /** All groups. */
  load(): readonly StoredGroup[] {
    const rows = this.log.storage.prepare('SELECT * FROM es_group').raw(true).all([]) as [
      string,
      string,
      string,
      number,
    ][]
    return rows.map(([source, group, settings, checkpoint]) => ({
      key: { source, group },
      settings: JSON.parse(settings) as GroupSettings,
      checkpoint,
    }))
  }

  /** Stores a group; resolves once it is on disk. */
  async put({ key, settings, checkpoint }: StoredGroup): Promise<void> {
    await this.log.write(() => {
      this.#put.run([key.source, key.group, JSON.stringify(settings), checkpoint])
    })
  }

  /** Removes a group. */
  async delete({ source, group }: GroupKey): Promise<void> {
    await this.log.write(() => {
      this.#delete.run([source, group])
    })
  }

  /** Stores how far a group is. A group deleted meanwhile stays deleted. */
  async saveCheckpoint({ source, group }: GroupKey, cursor: number): Promise<void> {
    await this.log.write(() => {
      this.#checkpoint.run([cursor, source, group])
    })
  }
}
