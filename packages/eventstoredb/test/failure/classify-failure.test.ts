import { describe, expect, test } from 'vitest'
import { CallFailure } from '../../src/failure/call-failure.ts'
import { isConnectionInDoubt, isTransient } from '../../src/failure/classify-failure.ts'

describe('a failure', () => {
  test.each([
    ['unavailable', { type: 'unavailable', code: 14 }],
    ['a deadline the server let pass', { type: 'deadline-exceeded' }],
    ['cancelled by the server', { type: 'cancelled', code: 1 }],
    ['cancelled by this side', { type: 'unknown', code: 1 }],
    ['a reset stream', { type: 'unknown', code: 13 }],
    ['a stopping server', { type: 'unknown', message: 'Could not recognize Server Is Not Ready' }],
    ['a raw error of the question for features', { code: 14 }],
    ['a failed discovery', new Error('Failed to discover after 10 attempts.')],
    ['no answer', new CallFailure('no-answer', 'nothing')],
    ['another leader', { type: 'not-leader' }],
  ])('may pass: %s', (_, failure) => {
    expect(isTransient(failure)).toBe(true)
  })

  test.each([
    ['a conflict', { type: 'wrong-expected-version' }],
    ['a deleted stream, whatever its code', { type: 'stream-deleted', code: 13 }],
    ['refused access', { type: 'access-denied', code: 14 }],
    ['a refused request', { type: 'unknown', code: 2 }],
    ['a mistake in the program', new TypeError('x is not a function')],
    ['nothing', undefined],
  ])('stays: %s', (_, failure) => {
    expect(isTransient(failure)).toBe(false)
  })

  test('leaves the client its connection where it only has another leader to go to', () => {
    expect(isConnectionInDoubt({ type: 'not-leader' })).toBe(false)
    expect(isConnectionInDoubt({ type: 'unavailable' })).toBe(true)
  })
})
