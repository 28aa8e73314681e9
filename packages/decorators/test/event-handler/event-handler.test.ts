import {
  type AggregateDefinition,
  CircuitBreaker,
  createSingletonResolver,
  type EventHandlerContext,
  type EventHandlerDefinition,
} from '@varve/core'
import { describe, expect, test } from 'vitest'
import {
  collectDefinitions,
  EventHandler,
  eventHandlerNameOf,
  On,
  Projection,
} from '../../src/index.ts'
import { Account, AccountBalance, AccountOpened, MoneyDeposited } from '../bank.ts'
import { allMistakesOf, Undecorated } from '../collection/mistakes.ts'

const circuit = new CircuitBreaker({ name: 'mail' })

@EventHandler('mails', {
  delivery: 'idempotent',
  windowMs: 1_000,
  startFrom: 'beginning',
  onError: 'skip',
  circuit,
})
class Mails {
  readonly sent: string[] = []

  @On(AccountOpened)
  async welcome({ owner }: AccountOpened, { aggregateId }: EventHandlerContext) {
    await Promise.resolve()
    this.sent.push(`welcome ${owner} to ${aggregateId}`)
  }

  @On(MoneyDeposited)
  thank({ amount }: MoneyDeposited) {
    this.sent.push(`thanks for ${amount}`)
  }
}

const collected = (target: typeof Mails) =>
  collectDefinitions([target]).definitions[0] as EventHandlerDefinition

describe('a class with @EventHandler', () => {
  test('becomes an event handler with its settings and the defaults for the rest', () => {
    expect(collected(Mails)).toMatchObject({
      kind: 'event-handler',
      name: 'mails',
      delivery: 'idempotent',
      windowMs: 1_000,
      startFrom: 'beginning',
      onError: 'skip',
      onReplay: false,
      timeoutMs: 300_000,
      circuit,
      reactions: [
        { event: { type: 'account.opened', class: AccountOpened } },
        { event: { type: 'account.deposited', class: MoneyDeposited, version: 2 } },
      ],
    })
    expect(allMistakesOf(Account, Mails)).toEqual([])
  })

  test('has its methods called on the instance of the scope, and awaited', async () => {
    const [welcome, thank] = collected(Mails).reactions
    const scope = createSingletonResolver().open()
    const context = { aggregateId: 'a1' } as EventHandlerContext
    await welcome!.handle(new AccountOpened('Ada', new Date(0)), context, scope)
    await thank!.handle(new MoneyDeposited(5), context, scope)
    expect(scope.resolve(Mails).sent).toEqual(['welcome Ada to a1', 'thanks for 5'])
  })

  test('gives its methods to a subclass, and not its name', () => {
    @EventHandler('loud-mails', { delivery: 'at-most-once' })
    class LoudMails extends Mails {}
    expect(collected(LoudMails).reactions).toHaveLength(2)
    expect([Mails, LoudMails].map(eventHandlerNameOf)).toEqual(['mails', 'loud-mails'])
    class Nameless extends Mails {}
    expect(eventHandlerNameOf(Nameless)).toBeUndefined()
  })

  test('shares its events with the aggregates that emit them', () => {
    const { definitions } = collectDefinitions([Account, Mails])
    const [account, mails] = definitions as [AggregateDefinition, EventHandlerDefinition]
    expect(mails.reactions[1]?.event).toBe(account.events[0]?.event)
    const again = collectDefinitions([mails, Account]).definitions
    expect((again[1] as AggregateDefinition).events[0]?.event).toBe(mails.reactions[1]?.event)
  })
})

describe('a mistake is named', () => {
  test('an event handler on what is no event, and without a name', () => {
    @EventHandler('', { delivery: 'at-least-once' })
    class Mistaken {
      @On(Undecorated)
      happened(_event: Undecorated) {}
    }
    expect(allMistakesOf(Mistaken)).toEqual([
      'Event handler Mistaken has an empty name. Give it a stable one, which must not change when the class is renamed.',
      "Mistaken.happened is on Undecorated, which is no event. Put @Event('<a stable type>') on the class.",
    ])
  })

  test('an event handler without events', () => {
    @EventHandler('idle', { delivery: 'at-least-once' })
    class Idle {}
    expect(allMistakesOf(Idle)).toEqual(['Event handler "idle" handles no event.'])
  })

  test('two methods for one event', () => {
    @EventHandler('twice', { delivery: 'at-least-once' })
    class Twice {
      @On(MoneyDeposited)
      first() {}
      @On(MoneyDeposited)
      second() {}
    }
    expect(allMistakesOf(Twice)).toEqual([
      'Event handler "twice" handles "account.deposited" twice. Give each an event handler of its own: what fails is tried again as a whole.',
    ])
  })

  test('options of a projection', () => {
    @EventHandler('keyed', { delivery: 'at-least-once' })
    class Keyed {
      @On(MoneyDeposited, { key: () => 'a1' })
      deposited(_event: MoneyDeposited) {}
    }
    expect(allMistakesOf(Keyed)).toEqual([
      'Keyed.deposited is on MoneyDeposited with options of a projection, but Keyed is an event handler. Write @On(MoneyDeposited).',
    ])
  })

  test('a class that is a projection as well', () => {
    @EventHandler('both', { delivery: 'at-least-once' })
    @Projection('both', { into: AccountBalance })
    class Both {
      @On(MoneyDeposited)
      deposited(_event: MoneyDeposited) {}
    }
    expect(allMistakesOf(Both)).toEqual([
      'Both has both @Projection and @EventHandler. Make it two classes: one folds events, the other acts on them.',
    ])
  })

  test('a projection with an async method', () => {
    @Projection('late', { into: AccountBalance })
    class Late {
      @On(MoneyDeposited)
      async deposited(_event: MoneyDeposited) {}
    }
    expect(allMistakesOf(Late)).toEqual([
      'Late is a projection with async methods (deposited), but a fold is done at once. Take "async" off, or make it an @EventHandler.',
    ])
  })
})
