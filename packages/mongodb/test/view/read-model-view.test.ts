import type { FindCursor } from 'mongodb'
import { describe, expectTypeOf, it } from 'vitest'
import type { ReadModelView } from '../../src/index.ts'

class AccountBalance {
  readonly _id!: string
  owner!: string
  balance!: number
  tags?: string[]
  address!: { city: string }
  opened!: Date
}

/** What a query handler does with a view: this only has to compile. */
export const handler = (balances: ReadModelView<AccountBalance>) => ({
  one: balances.findOne({ _id: 'a', balance: { $gt: 1 }, tags: 'vip', 'address.city': 'Bern' }),
  many: balances.find({ opened: { $lt: new Date() } }).sort({ balance: -1 }),
  projected: balances.find().project<{ owner: string }>({ _id: 0, owner: 1 }),
  sums: balances.aggregate<{ sum: number }>([{ $group: { _id: null, sum: { $sum: '$balance' } } }]),
  owners: balances.distinct('owner'),
  tags: balances.distinct('tags'),
  cities: balances.distinct('address.city'),
})

describe('the type of a view', () => {
  it('gives back the documents as they are declared', () => {
    type Results = ReturnType<typeof handler>
    expectTypeOf<Awaited<Results['one']>>().toEqualTypeOf<AccountBalance | null>()
    expectTypeOf<Results['many']>().toEqualTypeOf<FindCursor<AccountBalance>>()
    expectTypeOf<Results['projected']>().toEqualTypeOf<FindCursor<{ owner: string }>>()
    expectTypeOf<Awaited<Results['owners']>>().toEqualTypeOf<string[]>()
    expectTypeOf<Awaited<Results['cities']>>().toEqualTypeOf<unknown[]>()
  })

  it('refuses a filter of another type', () => {
    // @ts-expect-error a balance is a number
    const filter: Parameters<ReadModelView<AccountBalance>['findOne']>[0] = { balance: 'much' }
    expectTypeOf(filter).not.toBeNever()
  })
})
