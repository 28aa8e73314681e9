import {
  AggregateRoot,
  createSingletonResolver,
  type ProjectionDefinition,
  type SnapshotContext,
} from '@varve/core'
import { describe, expect, test } from 'vitest'
import {
  Aggregate,
  Applies,
  collectDefinitions,
  Event,
  FromSnapshot,
  On,
  Projection,
  ReadModel,
} from '../src/index.ts'

@Event('shelf.filled')
class ShelfFilled {
  constructor(readonly count: number) {}
}

@Aggregate('shelf', { snapshot: { every: 10 } })
class Shelf extends AggregateRoot {
  #count = 0
  get count(): number {
    return this.#count
  }
  @Applies(ShelfFilled)
  filled({ count }: ShelfFilled): void {
    this.#count += count
  }
}

@ReadModel('shelves')
class ShelfView {
  readonly _id!: string
  count!: number
}

class Counting {
  readonly factor: number = 2
  @On(ShelfFilled)
  filled({ count }: ShelfFilled, shelf: ShelfView): void {
    shelf.count += count * this.factor
  }
}

@Projection('shelves', { into: ShelfView })
class Shelves extends Counting {
  @FromSnapshot(Shelf, { firstEvents: [ShelfFilled] })
  stored({ count }: Shelf, { aggregateId }: SnapshotContext): ShelfView {
    return { _id: aggregateId, count: count * this.factor }
  }
}

describe('a projection of a class', () => {
  test('says how a document follows from the state of an aggregate', () => {
    const { definitions, mistakes } = collectDefinitions([Shelf, Shelves])
    const [shelf, { fromSnapshot }] = definitions as [unknown, ProjectionDefinition]
    expect(mistakes).toEqual([])
    expect(fromSnapshot).toMatchObject({
      aggregate: { category: 'shelf', class: Shelf },
      model: { name: 'shelves' },
      firstEvents: [{ type: 'shelf.filled' }],
    })
    expect(fromSnapshot?.aggregate).toBe(shelf)
    const scope = createSingletonResolver().open()
    const state = new Shelf()
    state.filled(new ShelfFilled(3))
    const context = { aggregateId: 's1', revision: 0n }
    expect(fromSnapshot?.bind(scope)(state, context)).toEqual({ _id: 's1', count: 6 })
  })

  test('says so of an aggregate, and once', () => {
    class NoAggregate extends AggregateRoot {}
    @Projection('wrong', { into: ShelfView })
    class Wrong extends Counting {
      @FromSnapshot(NoAggregate)
      first(): undefined {
        return undefined
      }
      @FromSnapshot(Shelf)
      second(): undefined {
        return undefined
      }
    }
    expect(collectDefinitions([Wrong]).mistakes).toEqual([
      'Wrong says twice how a document follows from a snapshot, in "first" and "second". Keep one of them.',
      'Wrong.first is from snapshots of NoAggregate, which is no aggregate. Put @Aggregate on it.',
    ])
  })
})
