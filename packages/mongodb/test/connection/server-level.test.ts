import { describe, expect, it } from 'vitest'
import { levelOf, settleLevel } from '../../src/connection/server-level.ts'
import { ExactlyOnceUnavailableError } from '../../src/index.ts'

describe('the level of a server', () => {
  it('is exactly-once on a member of a replica set', () => {
    expect(levelOf({ setName: 'rs0' })).toBe('exactly-once')
  })
  it('is exactly-once on a mongos', () => {
    expect(levelOf({ msg: 'isdbgrid' })).toBe('exactly-once')
  })
  it('is idempotent on a standalone', () => {
    expect(levelOf({ isWritablePrimary: true })).toBe('idempotent')
  })
  it('may be set lower than what the server can do', () => {
    expect(settleLevel('exactly-once', 'idempotent', 'mongodb://a/b')).toBe('idempotent')
  })
  it('cannot be required higher, and the error says what to do', () => {
    const settle = () => settleLevel('idempotent', 'exactly-once', 'mongodb://a/b')
    expect(settle).toThrow(ExactlyOnceUnavailableError)
    expect(settle).toThrow(/mongodb:\/\/a\/b is a standalone.*replica set/)
  })
})
