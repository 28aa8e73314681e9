import { InvalidConnectionStringError } from '@varve/core'
import { describe, expect, it } from 'vitest'
import { databaseOf, withoutCredentials } from '../../src/connection/connection-string.ts'
import { MongoConnection } from '../../src/index.ts'

describe('the database of a connection string', () => {
  it.each([
    ['mongodb://localhost:27017/bank', 'bank'],
    ['mongodb://ann:secret@a:1,b:2/bank?replicaSet=rs0', 'bank'],
    ['mongodb+srv://cluster.example.net/bank', 'bank'],
    ['mongodb://localhost/b%C3%A4nk', 'bänk'],
  ])('is the path of %s', (url, database) => {
    expect(databaseOf(url)).toBe(database)
  })

  it.each(['mongodb://localhost:27017', 'mongodb://localhost:27017/', 'mongodb://localhost/?w=1'])(
    'is missing from %s, and the error says how to write it',
    (url) => {
      expect(() => databaseOf(url)).toThrow(InvalidConnectionStringError)
      expect(() => databaseOf(url)).toThrow(/mongodb:\/\/localhost:27017\/bank.*is missing/)
    },
  )

  it.each(['postgres://localhost/bank', 'localhost:27017/bank', '', 'mongodb://'])(
    'is not looked for in "%s", which is no MongoDB URL',
    (url) => {
      expect(() => databaseOf(url)).toThrow(InvalidConnectionStringError)
    },
  )

  it('may not hold characters MongoDB refuses in a name', () => {
    expect(() => databaseOf('mongodb://localhost/my.bank')).toThrow(
      /a database name without any of/,
    )
  })
})

describe('the address in messages', () => {
  it.each([
    ['mongodb://ann:secret@host:1/bank?tlsCertificateKeyFilePassword=x', 'mongodb://host:1/bank'],
    ['mongodb://ann:se@cret@host/bank', 'mongodb://host/bank'],
    ['mongodb+srv://ann@host/bank', 'mongodb+srv://host/bank'],
  ])('shows no credentials of %s', (url, shown) => {
    expect(withoutCredentials(url)).toBe(shown)
  })

  it('shows no credentials where the driver refuses the string', () => {
    const open = () => new MongoConnection({ url: 'mongodb://ann:secret@host:port/bank' })
    expect(open).toThrow(InvalidConnectionStringError)
    expect(open).not.toThrow(/secret/)
  })
})

describe('options', () => {
  it('in the connection string win over the defaults', async () => {
    const connection = new MongoConnection({
      url: 'mongodb://localhost/bank?serverSelectionTimeoutMS=77',
    })
    expect(connection.client.options.serverSelectionTimeoutMS).toBe(77)
    expect(connection.client.options.connectTimeoutMS).toBe(5_000)
    expect(connection.client.options.appName).toBe('varve')
    await connection.close()
  })
})
