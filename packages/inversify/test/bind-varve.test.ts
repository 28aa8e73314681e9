import { AggregateRepository, AggregateRoot, type CommandResult } from '@varve/core'
import { Aggregate } from '@varve/decorators'
import { Container, inject, injectable } from 'inversify'
import { expect, test } from 'vitest'
import {
  bindVarve,
  commandBusIdentifier,
  type CommandBusService,
  queryBusIdentifier,
  type QueryBusService,
  repositoryIdentifier,
} from '../src/index.ts'

@Aggregate('account')
class Account extends AggregateRoot {}

const commandBus: CommandBusService = { execute: async () => ({}) as CommandResult }
const queryBus: QueryBusService = { query: async () => Promise.reject(new RangeError('unasked')) }
const accounts = new AggregateRepository(
  {
    kind: 'aggregate',
    category: 'account',
    initial: (id) => ({ id }),
    commands: [],
    events: [],
  },
  {} as ConstructorParameters<typeof AggregateRepository>[1],
)

@injectable()
class Controller {
  constructor(
    @inject(commandBusIdentifier) readonly commands: CommandBusService,
    @inject(queryBusIdentifier) readonly queries: QueryBusService,
    @inject(repositoryIdentifier(Account)) readonly accounts: AggregateRepository<Account>,
  ) {}
}

test('buses and repositories are injected under their identifiers', () => {
  const container = new Container()
  bindVarve(container, { commandBus, queryBus, repositories: [accounts] })
  container.bind(Controller).toSelf()
  const controller = container.get(Controller)
  expect(controller.commands).toBe(commandBus)
  expect(controller.queries).toBe(queryBus)
  expect(controller.accounts).toBe(accounts)
})

test('what is returned takes the bindings off and leaves the others', () => {
  const container = new Container()
  container.bind('clock').toConstantValue(1)
  const unbind = bindVarve(container, { commandBus, queryBus, repositories: [accounts] })
  unbind()
  expect(container.isBound(commandBusIdentifier)).toBe(false)
  expect(container.isBound(queryBusIdentifier)).toBe(false)
  expect(container.isBound(repositoryIdentifier('account'))).toBe(false)
  expect(container.isBound('clock')).toBe(true)
})

test('only what is given is bound', () => {
  const container = new Container()
  bindVarve(container, { commandBus })
  expect(container.isBound(commandBusIdentifier)).toBe(true)
  expect(container.isBound(queryBusIdentifier)).toBe(false)
})

test('an aggregate names its repository by its category', () => {
  expect(repositoryIdentifier(Account)).toBe(repositoryIdentifier('account'))
  expect(repositoryIdentifier(Account)).toBe(Symbol.for('@varve/repository/account'))
})

test('a class that is no aggregate names no repository', () => {
  class Plain {}
  expect(() => repositoryIdentifier(Plain)).toThrow(
    expect.objectContaining({ code: 'NOT_AN_AGGREGATE', found: 'Plain' }) as Error,
  )
})
