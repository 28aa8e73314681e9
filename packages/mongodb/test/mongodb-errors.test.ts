import { ReadModelStoreUnavailableError } from '@varve/core'
import {
  type BulkWriteResult,
  MongoBulkWriteError,
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb'
import { describe, expect, it } from 'vitest'
import {
  ExactlyOnceUnavailableError,
  ReadModelStoreAccessDeniedError,
  ReadModelStoreRejectedError,
} from '../src/index.ts'
import { isUnavailable, toReadModelError } from '../src/mongodb-errors.ts'

const failed = { address: 'mongodb://a/b', operation: 'commit' }
const convert = (error: unknown) => toReadModelError(error, failed)
const serverError = (code: number, message = 'no') => new MongoServerError({ code, message })

describe('an error of the driver', () => {
  it.each<[string, Error]>([
    ['a dropped connection', new MongoNetworkError('gone')],
    ['no server', new MongoServerSelectionError('none', { error: undefined } as never)],
    ['a primary that stepped down', serverError(189)],
    ['a majority that did not answer', serverError(64)],
  ])('about %s is unavailability', (_, error) => {
    const converted = convert(error)
    expect(converted).toBeInstanceOf(ReadModelStoreUnavailableError)
    expect(converted).toMatchObject({ ...failed, cause: error })
  })

  it('is found inside the error of a bulk write', () => {
    const error = new MongoBulkWriteError(
      new MongoNetworkError('gone'),
      Object.create(null) as BulkWriteResult,
    )
    expect(isUnavailable(error)).toBe(true)
  })

  it.each([13, 18, 8000])('with code %i is denied access', (code) => {
    expect(convert(serverError(code))).toBeInstanceOf(ReadModelStoreAccessDeniedError)
  })

  it('about transactions on a standalone says that exactly-once is not possible', () => {
    const message = 'Transaction numbers are only allowed on a replica set member or mongos'
    expect(convert(serverError(20, message))).toBeInstanceOf(ExactlyOnceUnavailableError)
  })

  it('with any other code is passed on with code and words', () => {
    const converted = convert(serverError(2, 'bad value'))
    expect(converted).toBeInstanceOf(ReadModelStoreRejectedError)
    expect(converted).toMatchObject({ serverCode: 2, reason: 'bad value' })
  })
})

describe('an error that is not of the driver', () => {
  it('stays as it is', () => {
    const error = new TypeError('mine')
    expect(convert(error)).toBe(error)
  })
})
