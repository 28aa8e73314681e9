import { toStreamName } from '@varve/core'
import { expect, test } from 'vitest'
import { groupAddress, isNamesake, parkedStream } from '../../src/consumer-group/group-address.ts'

test('a group on a stream has its plain name', () => {
  const address = groupAddress({ name: 'mails', stream: toStreamName('account-a1') })
  expect(address).toEqual({ source: 'account-a1', name: 'mails' })
  expect(parkedStream(address)).toBe('$persistentsubscription-account-a1::mails-parked')
})

test('a group on the whole log carries a fingerprint of its filter', () => {
  const names = [
    groupAddress({ name: 'mails' }),
    groupAddress({ name: 'mails', types: ['opened'] }),
    groupAddress({ name: 'mails', category: 'account' }),
  ].map(({ name }) => name)
  expect(new Set(names).size).toBe(3)
  for (const name of names) expect(name).toMatch(/^mails~[\da-f]{8}$/)
})

test('the order of types does not matter, nor how the same prefix is said', () => {
  expect(groupAddress({ name: 'a', types: ['x', 'y', 'x'] })).toEqual(
    groupAddress({ name: 'a', types: ['y', 'x'] }),
  )
  expect(groupAddress({ name: 'a', category: 'account' })).toEqual(
    groupAddress({ name: 'a', streamPrefixes: ['account-'] }),
  )
})

test('the same name with another filter is a namesake, and nothing else is', () => {
  const group = { name: 'mails', types: ['opened'] }
  const { name } = groupAddress(group)
  expect(isNamesake(groupAddress({ name: 'mails' }).name, group)).toBe(true)
  for (const found of [name, 'mails', 'mails~x', groupAddress({ name: 'mails2' }).name])
    expect(isNamesake(found, group)).toBe(false)
})
