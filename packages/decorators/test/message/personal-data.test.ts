import 'reflect-metadata'
import { expect, test } from 'vitest'
import { upcast } from '@varve/core'
import { collectDefinitions, Event, PersonalData } from '../../src/index.ts'

class Person {
  @PersonalData() name!: string
}

@Event('customer.registered', {
  version: 2,
  aliases: ['customer.created'],
  upcast: [upcast.from(1, (old) => old)],
  schema: { type: 'object' },
  personal: { 'address.street': { subject: 'customer.id' } },
})
class Registered extends Person {
  @PersonalData({ subject: 'referrer', placeholder: null }) referredBy!: string
}

test('what is said of an event is in its definition, with the personal fields of its parents', () => {
  const { definitions, mistakes } = collectDefinitions([Registered])
  expect(mistakes).toEqual([])
  expect(definitions).toMatchObject([
    {
      type: 'customer.registered',
      version: 2,
      aliases: ['customer.created'],
      upcasters: [{ version: 1 }],
      schema: { type: 'object' },
      personal: {
        name: {},
        referredBy: { subject: 'referrer', placeholder: null },
        'address.street': { subject: 'customer.id' },
      },
    },
  ])
})
