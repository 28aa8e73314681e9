import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LocalStorage } from '../../src/storage/local-storage.ts'

describe('the local storage', () => {
  let folder: string
  let storage: LocalStorage

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'varve-storage-'))
    storage = LocalStorage.open(join(folder, 'deep', 'varve.db'))
    storage.migrate('CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB)')
  })
  afterEach(() => {
    storage.close()
    rmSync(folder, { recursive: true })
  })

  const insert = (value: string) => () =>
    storage.prepare('INSERT INTO t (b) VALUES (?)').run([Buffer.from(value)])
  const count = () => (storage.prepare('SELECT count(*) AS n FROM t').get([]) as { n: number }).n

  it('commits everything of one turn together and in order', async () => {
    await Promise.all([storage.write(insert('a')), storage.write(insert('b'))])
    const rows = storage.prepare('SELECT b FROM t ORDER BY a').all([]) as { b: ArrayBuffer }[]
    expect(rows.map((row) => Buffer.from(row.b).toString())).toEqual(['a', 'b'])
  })

  it('undoes only the job that throws', async () => {
    const failing = storage.write(() => {
      insert('bad')()
      throw new RangeError('no')
    })
    const results = await Promise.allSettled([
      storage.write(insert('a')),
      failing,
      storage.write(insert('b')),
    ])
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(count()).toBe(2)
  })

  it('keeps what it acknowledged across a reopen', async () => {
    await storage.write(insert('a'))
    storage.close()
    storage = LocalStorage.open(join(folder, 'deep', 'varve.db'))
    expect(count()).toBe(1)
  })

  it('refuses a second opening of the same file and says what to do', () => {
    expect(() => LocalStorage.open(join(folder, 'deep', 'varve.db'))).toThrow(
      /in use by another process. Stop that process/,
    )
  })
})
