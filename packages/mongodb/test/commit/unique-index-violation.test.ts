import { MongoServerError } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { isDuplicateId, uniqueIndexViolation } from '../../src/commit/unique-index-violation.ts'

const duplicate = (message: string) => new MongoServerError({ code: 11000, message })

describe('a violation of a unique index', () => {
  it('names the index and the value the server names', () => {
    const error = uniqueIndexViolation(
      'accounts',
      duplicate(
        'E11000 duplicate key error collection: bank.accounts__v1_1 index: email_1 dup key: { email: "a@b" }',
      ),
    )
    expect(error).toMatchObject({ model: 'accounts', index: 'email_1', value: '{ email: "a@b" }' })
  })

  it('tells a second document from a second value', () => {
    expect(isDuplicateId('E11000 … index: _id_ dup key: { _id: "a" }')).toBe(true)
    expect(isDuplicateId('E11000 … index: email_1 dup key: { email: "_id_ " }')).toBe(false)
  })
})
