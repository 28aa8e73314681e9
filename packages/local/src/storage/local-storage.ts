import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'libsql'
import { DataFileInUseError, StorageFailedError } from './storage-errors.ts'

/**
 * One prepared statement. Parameters always travel as an array: libsql takes a lone Buffer for named
 * parameters. Blobs come back as ArrayBuffer.
 */
export type Statement = Database.Statement

interface Job {
  readonly run: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

/**
 * The one SQLite file under both development servers, with group commit.
 *
 * Everything that arrives in one turn of the event loop is committed, and synced to disk, together;
 * no write is acknowledged before that. One process owns the file at a time.
 */
export class LocalStorage {
  readonly #db: Database.Database
  readonly #savepoint: Statement
  readonly #release: Statement
  #queue: Job[] = []
  #scheduled = false
  #failure: StorageFailedError | undefined
  #closed = false

  private constructor(
    readonly path: string,
    db: Database.Database,
  ) {
    this.#db = db
    this.#savepoint = db.prepare('SAVEPOINT job')
    this.#release = db.prepare('RELEASE job')
  }

  /**
   * Opens or creates the file.
   *
   * @param path File to open, or `':memory:'`. Missing folders are created.
   * @throws {DataFileInUseError} Another process has the file open.
   */
  static open(path: string): LocalStorage {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
    try {
      const db = new Database(path)
      db.exec('PRAGMA locking_mode = EXCLUSIVE')
      db.exec('PRAGMA journal_mode = WAL')
      db.exec('PRAGMA synchronous = FULL')
      db.exec('PRAGMA cache_size = -65536')
      // The exclusive lock is only taken by the first write.
      db.exec('BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS varve_owner (id INTEGER); COMMIT')
      return new LocalStorage(path, db)
    } catch (cause) {
      if (isBusy(cause)) throw new DataFileInUseError(path, { cause })
      throw new StorageFailedError(path, { cause })
    }
  }

  /** Runs DDL at start, before any traffic. */
  migrate(sql: string): void {
    this.#db.exec(sql)
  }

  /** Prepares a statement for reads at any time, and for writes inside {@link write}. */
  prepare(sql: string): Statement {
    return this.#db.prepare(sql)
  }

  /**
   * Runs a synchronous job in the next group commit.
   *
   * Jobs run one after the other in the order they were given and see each other's writes.
   * A job that throws is undone alone and rejects with what it threw.
   *
   * @returns What the job returned, once it is on disk.
   * @throws {StorageFailedError} The commit failed; the storage takes no further writes.
   */
  write<T>(run: () => T): Promise<T> {
    if (this.#failure) return Promise.reject(this.#failure)
    if (this.#closed) return Promise.reject(new StorageFailedError(this.path))
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ run, resolve: resolve as (value: unknown) => void, reject })
      if (this.#scheduled) return
      this.#scheduled = true
      setImmediate(() => this.#flush())
    })
  }

  /** Commits what is waiting and closes the file. */
  close(): void {
    if (this.#closed) return
    this.#flush()
    this.#closed = true
    // libsql keeps the connection, and so the lock, until every statement is collected: give it up by hand.
    this.#db.exec('PRAGMA journal_mode = DELETE')
    this.#db.exec('PRAGMA locking_mode = NORMAL')
    this.#db.exec('SELECT count(*) FROM varve_owner')
    this.#db.close()
  }

  #flush(): void {
    this.#scheduled = false
    const jobs = this.#queue
    this.#queue = []
    if (jobs.length === 0) return
    const settle: (() => void)[] = []
    try {
      this.#db.exec('BEGIN IMMEDIATE')
      for (const job of jobs) settle.push(this.#runJob(job))
      this.#db.exec('COMMIT')
    } catch (cause) {
      // What the jobs told the servers in memory may now differ from the file: only a restart is safe.
      this.#failure = new StorageFailedError(this.path, { cause })
      for (const job of jobs) job.reject(this.#failure)
      return
    }
    for (const done of settle) done()
  }

  #runJob(job: Job): () => void {
    this.#savepoint.run([])
    try {
      const value = job.run()
      this.#release.run([])
      return () => job.resolve(value)
    } catch (reason) {
      this.#db.exec('ROLLBACK TO job')
      this.#release.run([])
      return () => job.reject(reason)
    }
  }
}

function isBusy(cause: unknown): boolean {
  const code = (cause as { code?: string }).code ?? ''
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')
}
