import { toStreamName } from '@varve/core'
import { expect, test } from 'vitest'
import {
  settingsEvent,
  settingsFrom,
  settingsStream,
} from '../../src/stream-administration/settings-event.ts'

test('settings are written as the server reads them', () => {
  const { type, data } = settingsEvent({
    maxCount: 3,
    maxAgeSeconds: 60,
    truncateBefore: 7n,
    cacheControlSeconds: 5,
    acl: { read: ['$all'], writeSettings: ['$admins'] },
    custom: { owner: 'Ada' },
  })
  expect(type).toBe('$metadata')
  expect(data).toEqual({
    $maxCount: 3,
    $maxAge: 60,
    $tb: 7,
    $cacheControl: 5,
    $acl: { $r: ['$all'], $mw: ['$admins'] },
    owner: 'Ada',
  })
  expect(settingsStream(toStreamName('account-a1'))).toBe('$$account-a1')
})

test('the mark of a deleted stream is no revision', () => {
  const data: unknown = JSON.parse('{"$tb":9223372036854775807,"$maxCount":3}')
  expect(settingsFrom(data)).toEqual({ settings: { maxCount: 3 }, isDeleted: true })
})

test.each([
  ['no object', '"text"'],
  ['values of the wrong kind', '{"$maxCount":"3","$tb":-1,"$acl":7}'],
])('%s counts as no settings', (_, text) => {
  expect(settingsFrom(JSON.parse(text))).toEqual({ settings: {}, isDeleted: false })
})

test('a right that one role has may stand without a list', () => {
  expect(settingsFrom({ $acl: { $w: 'clerks' } }).settings).toEqual({ acl: { write: ['clerks'] } })
})
