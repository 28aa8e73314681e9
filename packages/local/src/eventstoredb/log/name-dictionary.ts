import type { LocalStorage, Statement } from '../../storage/local-storage.ts'

/** Names that the log stores as numbers: event types and streams. Remembers the ones used last. */
export class NameDictionary {
  readonly #select: Statement
  readonly #selectName: Statement
  readonly #insert: Statement
  readonly #ids = new Map<string, number>()
  readonly #names = new Map<number, string>()

  /**
   * @param table Table with the columns `id` and `name`.
   * @param capacity Names to remember.
   */
  constructor(
    storage: LocalStorage,
    readonly table: 'es_stream' | 'es_type',
    private readonly capacity: number,
  ) {
    this.#select = storage.prepare(`SELECT id FROM ${table} WHERE name = ?`).raw(true)
    this.#selectName = storage.prepare(`SELECT name FROM ${table} WHERE id = ?`).raw(true)
    this.#insert = storage.prepare(`INSERT INTO ${table} (name) VALUES (?) RETURNING id`).raw(true)
  }

  /** The number of a name that has one. */
  find(name: string): number | undefined {
    const known = this.#ids.get(name)
    if (known !== undefined) return known
    const row = this.#select.get([name]) as [number] | undefined
    return row && this.#remember(name, row[0])
  }

  /** The number of a name, inside a write. */
  intern(name: string): number {
    return this.find(name) ?? this.#remember(name, (this.#insert.get([name]) as [number])[0])
  }

  /** The name of a number. */
  nameOf(id: number): string {
    const known = this.#names.get(id)
    if (known !== undefined) return known
    const [name] = this.#selectName.get([id]) as [string]
    this.#remember(name, id)
    return name
  }

  /** Forgets everything, after a write was undone. */
  clear(): void {
    this.#ids.clear()
    this.#names.clear()
  }

  #remember(name: string, id: number): number {
    if (this.#ids.size >= this.capacity) this.clear()
    this.#ids.set(name, id)
    this.#names.set(id, name)
    return id
  }
}
