import { describe, expect, test } from 'vitest'
import {
  AggregateRoot,
  type CommandContext,
  defineAggregateClass,
  type JsonValue,
  UnattachedAggregateError,
} from '../../src/index.ts'
import { deposit, type Deposited, deposited, note } from '../fixtures/accounts.ts'
import { eventsOf } from '../fixtures/collect.ts'
import { World } from '../fixtures/world.ts'

class Account extends AggregateRoot {
  balance = 0
  seen: string[] = []
  async deposit({ amounts }: { amounts: number[] }, context: CommandContext): Promise<void> {
    await Promise.resolve()
    for (const amount of amounts) {
      this.emit(deposited.create({ amount: amount + this.balance }))
      this.seen.push(`${context.aggregateId} ${this.aggregateId} ${this.balance}`)
    }
    if (this.balance > 100) throw new RangeError('too rich')
  }
  add({ amount }: Deposited): void {
    this.balance += amount
  }
}

const account = defineAggregateClass(Account, {
  category: 'account',
  handles: [[deposit, 'deposit']],
  applies: [[deposited, 'add']],
})

describe('an aggregate class', () => {
  test('sees what it emitted at once, and knows its id', async () => {
    await using world = new World([account])
    await world.commands.execute(deposit, { id: 'a1', amounts: [1, 2] })
    const events = await eventsOf(world.eventStore, 'account-a1')
    expect(events.map(({ data }) => data)).toEqual([{ amount: 1 }, { amount: 3 }])
  })

  test('that throws after it emitted stores nothing', async () => {
    await using world = new World([account])
    const command = world.commands.execute(deposit, { id: 'a1', amounts: [1, 200] })
    await expect(command).rejects.toThrow('too rich')
    expect(await eventsOf(world.eventStore, 'account-a1')).toEqual([])
  })

  test('that emits what is no event is refused with what it was', async () => {
    class Careless extends AggregateRoot {
      deposit(): void {
        this.emit(undefined as unknown as object)
      }
    }
    const careless = defineAggregateClass(Careless, {
      category: 'account',
      handles: [[deposit, 'deposit']],
      applies: [],
    })
    await using world = new World([careless])
    await expect(world.commands.execute(deposit, { id: 'a1', amounts: [] })).rejects.toThrow(
      '"undefined" was emitted, but it is no declared event.',
    )
  })

  test('made with new is refused when it emits or tells its id', async () => {
    const stray = new Account()
    expect(() => stray.aggregateId).toThrow(UnattachedAggregateError)
    const context = { aggregateId: 'a1' } as CommandContext
    await expect(stray.deposit({ amounts: [1] }, context)).rejects.toThrow(
      'Account has no identity and cannot emit: it was made with new.',
    )
  })

  test('writes its own snapshots where it says how', async () => {
    class Sealed extends AggregateRoot {
      #total = 0
      keep(): void {
        this.emit(deposited.create({ amount: 2 }))
      }
      add({ amount }: Deposited): void {
        this.#total += amount
      }
      toSnapshot(): JsonValue {
        return { total: this.#total }
      }
      fromSnapshot(value: JsonValue): void {
        this.#total = (value as { total: number }).total
      }
      get total(): number {
        return this.#total
      }
    }
    const sealed = defineAggregateClass(Sealed, {
      category: 'sealed',
      handles: [[note, 'keep']],
      applies: [[deposited, 'add']],
      snapshot: { every: 2 },
    })
    await using world = new World([sealed])
    for (let count = 0; count < 3; count += 1)
      await world.commands.execute(note, { id: 's1', text: '' })
    await world.commands.drain()
    const loaded = await world.commands.repositoryOf('sealed').load('s1')
    expect(loaded.snapshotRevision).toBe(1n)
    expect((loaded.state as Sealed).total).toBe(6)
  })
})
