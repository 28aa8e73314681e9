import { describe, expect, test } from 'vitest'
import {
  buildModel,
  type ConfigurationError,
  defineEvent,
  defineEventHandler,
  type EventHandlerDefinition,
  type EventHandlerSettings,
  reactTo,
} from '../../src/index.ts'
import { deposited, opened } from '../fixtures/accounts.ts'

const mailing = (settings: Partial<EventHandlerSettings>, ...events: (typeof opened)[]) =>
  defineEventHandler('mailing', {
    delivery: 'at-least-once',
    ...settings,
    handlers: events.map((event) => reactTo(event, () => undefined)),
  })

function mistakesOf(...definitions: EventHandlerDefinition[]): readonly string[] {
  try {
    buildModel(definitions)
    return []
  } catch (error) {
    return (error as ConfigurationError).mistakes
  }
}

test('a model knows its event handlers, and events through them', () => {
  const handler = defineEventHandler('noting', {
    delivery: 'idempotent',
    handlers: [reactTo(deposited, () => undefined)],
  })
  const model = buildModel([handler])
  expect(model.eventHandlers).toEqual([handler])
  expect(model.events).toEqual([deposited])
  expect(handler).toMatchObject({
    startFrom: 'end',
    onReplay: false,
    onError: 'halt',
    windowMs: 604_800_000,
    timeoutMs: 300_000,
  })
})

describe('a mistake is named', () => {
  test.each<[string, EventHandlerDefinition[], string]>([
    [
      'two handlers of one name',
      [mailing({}, opened), mailing({}, opened)],
      'Two event handlers are named "mailing".',
    ],
    [
      'a handler without a name',
      [{ ...mailing({}, opened), name: ' ' }],
      'Event handler without a name: give it a stable one.',
    ],
    ['a handler of nothing', [mailing({})], 'Event handler "mailing" handles no event.'],
    [
      'a handler of one event twice',
      [mailing({}, opened, opened)],
      'Event handler "mailing" handles "account.opened" twice. Give each an event handler of its own: what fails is tried again as a whole.',
    ],
    [
      'a delivery that is none',
      [mailing({ delivery: 'exactly-once' as never }, opened)],
      'Event handler "mailing" has delivery "exactly-once": expected "at-most-once", "at-least-once", "idempotent".',
    ],
    [
      'no delivery',
      [mailing({ delivery: undefined as never }, opened)],
      'Event handler "mailing" has delivery undefined: expected "at-most-once", "at-least-once", "idempotent".',
    ],
    [
      'halting at most once',
      [mailing({ delivery: 'at-most-once', onError: 'halt' }, opened)],
      'Event handler "mailing" is to halt on errors, but at most once it is past an event before that can fail. Leave onError out, keep such events with "dead-letter", or choose another delivery.',
    ],
    [
      'a window that is none',
      [mailing({ windowMs: 0 }, opened)],
      'Event handler "mailing" has windowMs 0: expected milliseconds above 0.',
    ],
    [
      'a time limit that is none',
      [mailing({ timeoutMs: Number.NaN }, opened)],
      'Event handler "mailing" has timeoutMs NaN: expected milliseconds above 0.',
    ],
    [
      'an event type of another class',
      [mailing({}, opened), { ...mailing({}, defineEvent('account.opened')), name: 'other' }],
      'Event type "account.opened" is declared twice, by a definition and a definition. Give one of them another type.',
    ],
  ])('%s', (_name, definitions, mistake) => {
    expect(mistakesOf(...definitions)).toContain(mistake)
  })
})
