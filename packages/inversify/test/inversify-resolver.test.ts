import {
  AggregateRoot,
  type CommandContext,
  type CommandHandlerDefinition,
  type Constructor,
  type EventContext,
  type FoldHandler,
  HandlerNotResolvableError,
  type ProjectionDefinition,
  Query,
  type QueryHandlerDefinition,
} from '@varve/core'
import {
  Aggregate,
  AggregateId,
  collectDefinitions,
  Command,
  CommandHandler,
  Event,
  On,
  Projection,
  QueryHandler,
  ReadModel,
} from '@varve/decorators'
import { Container, inject, injectable, preDestroy } from 'inversify'
import { describe, expect, test } from 'vitest'
import { InversifyResolver } from '../src/index.ts'

const ratesId = Symbol('rates')

interface Rates {
  readonly of: (currency: string) => number
}

const rates: Rates = { of: (currency) => (currency === 'USD' ? 2 : 1) }

class Stateless {}

@injectable()
class Converter {
  constructor(@inject(ratesId) readonly rates: Rates) {}
}

@injectable('Singleton')
class Shared {}

const containerWithRates = () => {
  const container = new Container()
  container.bind(ratesId).toConstantValue(rates)
  return container
}

describe('a class that is not bound', () => {
  test('is resolved with what it injects', () => {
    const scope = new InversifyResolver(containerWithRates()).open()
    expect(scope.resolve(Converter).rates.of('USD')).toBe(2)
  })

  test('needs no decorator without constructor arguments', () => {
    expect(new InversifyResolver(new Container()).open().resolve(Stateless)).toBeInstanceOf(
      Stateless,
    )
  })

  test('is made anew for every message', () => {
    const resolver = new InversifyResolver(containerWithRates())
    expect(resolver.open().resolve(Converter)).not.toBe(resolver.open().resolve(Converter))
  })

  test('lives in the scope its decorator names', () => {
    const resolver = new InversifyResolver(new Container())
    expect(resolver.open().resolve(Shared)).toBe(resolver.open().resolve(Shared))
  })
})

describe('a class that is bound', () => {
  test('is resolved as it is bound', () => {
    class Double extends Converter {}
    const container = new Container()
    container.bind(Converter).toConstantValue(new Double(rates))
    expect(new InversifyResolver(container).open().resolve(Converter)).toBeInstanceOf(Double)
  })

  test('may be abstract', () => {
    abstract class Mailer {}
    class Smtp extends Mailer {}
    const container = new Container()
    container.bind(Mailer).to(Smtp)
    expect(new InversifyResolver(container).open().resolve(Mailer)).toBeInstanceOf(Smtp)
  })
})

describe('a class that cannot be made', () => {
  const reasonOf = (container: Container, handler: Constructor): HandlerNotResolvableError => {
    try {
      new InversifyResolver(container).open().resolve(handler)
    } catch (error) {
      expect(error).toBeInstanceOf(HandlerNotResolvableError)
      return error as HandlerNotResolvableError
    }
    throw new RangeError('it was made')
  }

  test('because a binding is missing tells which', () => {
    const error = reasonOf(new Container(), Converter)
    expect(error.handler).toBe('Converter')
    expect((error.cause as Error).message).toContain('Symbol(rates)')
  })

  test('because an argument has no @inject tells why', () => {
    @injectable()
    class Implicit {
      constructor(readonly service: { readonly name: string }) {}
    }
    expect(reasonOf(new Container(), Implicit).cause).toBeInstanceOf(Error)
  })

  test('because its constructor throws passes on what it throws', () => {
    class Broken {
      constructor() {
        throw new RangeError('no connection')
      }
    }
    expect(reasonOf(new Container(), Broken).cause).toEqual(new RangeError('no connection'))
  })

  test('is made as soon as the binding is there', () => {
    const container = new Container()
    const scope = new InversifyResolver(container).open()
    expect(() => scope.resolve(Converter)).toThrow(HandlerNotResolvableError)
    container.bind(ratesId).toConstantValue(rates)
    expect(scope.resolve(Converter).rates).toBe(rates)
  })
})

describe('a scope that is closed', () => {
  test('resolves nothing more', async () => {
    const scope = new InversifyResolver(new Container()).open()
    await scope.close()
    expect(() => scope.resolve(Stateless)).toThrow(
      expect.objectContaining({ code: 'SCOPE_CLOSED', handler: 'Stateless' }) as Error,
    )
  })
})

describe('what is bound per message', () => {
  const closed: string[] = []
  class UnitOfWork {
    static count = 0
    readonly name = `unit ${(UnitOfWork.count += 1)}`
    @preDestroy()
    async close() {
      await Promise.resolve()
      closed.push(this.name)
    }
  }
  @injectable()
  class First {
    constructor(@inject(UnitOfWork) readonly unit: UnitOfWork) {}
  }
  @injectable()
  class Second {
    constructor(
      @inject(UnitOfWork) readonly unit: UnitOfWork,
      @inject(ratesId) readonly rates: Rates,
    ) {}
    @preDestroy()
    destroyed() {
      closed.push('second')
    }
  }
  const perMessage = (container: Container) => {
    container.bind(UnitOfWork).toSelf().inSingletonScope()
  }

  test('is one for all that a message resolves, and another for the next message', () => {
    const container = containerWithRates()
    container.bind(First).toSelf()
    const resolver = new InversifyResolver(container, { perMessage })
    const [one, two] = [resolver.open(), resolver.open()]
    expect(one.resolve(First).unit).toBe(one.resolve(Second).unit)
    expect(one.resolve(First).unit).not.toBe(two.resolve(First).unit)
  })

  test('is deactivated when the message is done, and nothing else is', async () => {
    closed.length = 0
    const container = containerWithRates()
    container.bind(UnitOfWork).toSelf().inSingletonScope()
    const applications = container.get(UnitOfWork)
    const scope = new InversifyResolver(container, { perMessage }).open()
    const { name } = scope.resolve(Second).unit
    expect(name).not.toBe(applications.name)
    await scope.close()
    expect(closed).toHaveLength(2)
    expect(closed).toEqual(expect.arrayContaining([name, 'second']))
    await scope.close()
    expect(closed).toHaveLength(2)
    expect(container.get(UnitOfWork)).toBe(applications)
  })

  test('is not made for a message that resolves nothing', async () => {
    let calls = 0
    const scope = new InversifyResolver(new Container(), { perMessage: () => (calls += 1) }).open()
    await scope.close()
    expect(calls).toBe(0)
  })

  test('makes handlers that are not bound once in a message', () => {
    const container = containerWithRates()
    const scope = new InversifyResolver(container, { perMessage }).open()
    expect(scope.resolve(First)).toBe(scope.resolve(First))
    expect(container.isBound(First)).toBe(false)
  })

  test('that cannot be bound makes the handler one that cannot be made', () => {
    const failing = {
      perMessage: () => {
        throw new RangeError('no tenant')
      },
    }
    const scope = new InversifyResolver(new Container(), failing).open()
    expect(() => scope.resolve(Stateless)).toThrow(HandlerNotResolvableError)
  })
})

describe('injection reaches', () => {
  @Event('wallet.charged')
  class Charged {
    constructor(readonly amount: number) {}
  }
  @Command('wallet.charge')
  class Charge {
    @AggregateId() readonly walletId!: string
  }
  @Aggregate('wallet')
  class Wallet extends AggregateRoot {
    charge(amount: number) {
      this.emit(new Charged(amount))
    }
  }
  @ReadModel('charges')
  class Charges {
    readonly _id!: string
    amount!: number
  }
  class GetRate extends Query<number> {}

  const collected = <Definition>(target: Constructor) =>
    collectDefinitions([target]).definitions[0] as Definition
  const open = () => new InversifyResolver(containerWithRates()).open()

  test('command handlers', async () => {
    @CommandHandler(Charge, { aggregate: Wallet })
    @injectable()
    class ChargeHandler {
      constructor(@inject(ratesId) readonly rates: Rates) {}
      execute(_command: Charge, wallet: Wallet) {
        wallet.charge(this.rates.of('USD'))
      }
    }
    const { aggregate, handling } = collected<CommandHandlerDefinition>(ChargeHandler)
    const scope = open()
    const context = { resolve: (type: Constructor) => scope.resolve(type) } as CommandContext
    const { events } = await handling.decide(aggregate.initial('w1'), {}, context)
    expect(events).toEqual([new Charged(2)])
  })

  test('projections', () => {
    @Projection('charges', { into: Charges })
    @injectable()
    class ChargesProjection {
      constructor(@inject(ratesId) readonly rates: Rates) {}
      @On(Charged)
      charged(event: Charged) {
        return { _id: 'w1', amount: event.amount * this.rates.of('USD') }
      }
    }
    const [handler] = collected<ProjectionDefinition>(ChargesProjection).handlers
    const apply = (handler as FoldHandler).bind(open())
    expect(apply(new Charged(2), undefined, {} as EventContext, [])).toEqual({
      _id: 'w1',
      amount: 4,
    })
  })

  test('query handlers', () => {
    @QueryHandler(GetRate, { reads: Charges })
    @injectable()
    class GetRateHandler {
      constructor(@inject(ratesId) readonly rates: Rates) {}
      execute() {
        return this.rates.of('USD')
      }
    }
    const { execute } = collected<QueryHandlerDefinition>(GetRateHandler)
    expect(execute(new GetRate(), [undefined], open())).toBe(2)
  })
})
