import assert from 'node:assert/strict'
import { StreamSettingsConflictError, type StreamSettings } from '@varve/core'
import type { ContractCase } from '../contract/contract-case.ts'
import { assertCodes, outcomes, rejection } from '../contract/expectations.ts'
import { newEvents } from '../event-store/event-store-subject.ts'
import { numbersOf, readStream, upTo } from '../event-store/reading.ts'
import type { StreamAdministrationSubject } from './stream-administration-subject.ts'

type Cases = readonly ContractCase<StreamAdministrationSubject>[]

const conflict = 'STREAM_SETTINGS_CONFLICT'

const everything: StreamSettings = {
  maxCount: 500,
  maxAgeSeconds: 86_400,
  truncateBefore: 2n,
  cacheControlSeconds: 60,
  acl: {
    read: ['$all'],
    write: ['$admins', 'clerks'],
    delete: ['$admins'],
    readSettings: ['$all'],
    writeSettings: ['$admins'],
  },
  custom: { owner: 'Ü', tags: ['a', null], nested: { n: 1 } },
}

/** Reading settings. */
export const readSettingsCases: Cases = [
  {
    name: 'tells of none where there are none, with or without a stream',
    run: async ({ store, stream }) => {
      const none = { settings: {}, revision: undefined, isDeleted: false }
      assert.deepEqual(await store.readStreamSettings(stream), none)
      await store.append(stream, newEvents(1), { expected: 'no-stream' })
      assert.deepEqual(await store.readStreamSettings(stream), none)
    },
  },
  {
    name: 'returns every setting as it was set',
    run: async ({ store, stream }) => {
      await store.setStreamSettings(stream, everything)
      const { settings, revision, isDeleted } = await store.readStreamSettings(stream)
      assert.deepEqual(settings, everything)
      assert.equal(typeof revision, 'bigint')
      assert.equal(isDeleted, false)
    },
  },
  {
    name: 'returns a list of rights that is named, not spelled out',
    run: async ({ store, stream }) => {
      await store.setStreamSettings(stream, { acl: '$userStreamAcl' })
      const { settings } = await store.readStreamSettings(stream)
      assert.deepEqual(settings, { acl: '$userStreamAcl' })
    },
  },
  {
    name: 'refuses a stream that was deleted for good',
    run: async ({ store, stream }) => {
      await store.append(stream, newEvents(1), { expected: 'no-stream' })
      await store.tombstoneStream(stream)
      await rejection(store.readStreamSettings(stream), 'STREAM_DELETED')
    },
  },
]

const retention: Cases = [
  {
    name: 'keeps only the newest events readable, also as others come',
    run: async ({ store, stream, streamNamed }) => {
      await store.append(stream, newEvents(5), { expected: 'no-stream' })
      await store.append(streamNamed('other'), newEvents(5), { expected: 'no-stream' })
      await store.setStreamSettings(stream, { maxCount: 2 })
      assert.deepEqual(numbersOf(await readStream(store, stream)), [3, 4])
      assert.deepEqual(numbersOf(await readStream(store, stream, { from: 1n, limit: 1 })), [3])
      const { revision } = await store.append(stream, newEvents(1, 'numbered', 5), { expected: 4n })
      assert.equal(revision, 5n)
      const backwards = await readStream(store, stream, { direction: 'backwards' })
      assert.deepEqual(numbersOf(backwards), [5, 4])
      assert.equal((await readStream(store, streamNamed('other'))).length, 5)
    },
  },
  {
    name: 'hides the events before a revision, and never the revisions to come',
    run: async ({ store, stream }) => {
      await store.append(stream, newEvents(4), { expected: 'no-stream' })
      await store.setStreamSettings(stream, { truncateBefore: 3n })
      assert.deepEqual(numbersOf(await readStream(store, stream)), [3])
      await store.setStreamSettings(stream, { truncateBefore: 6n })
      assert.deepEqual(await readStream(store, stream), [])
      await store.append(stream, newEvents(3, 'numbered', 4), { expected: 3n })
      assert.deepEqual(numbersOf(await readStream(store, stream)), [6])
    },
  },
  {
    name: 'hides events that are too old',
    run: async ({ store, stream, elapse }) => {
      await store.append(stream, newEvents(2), { expected: 'no-stream' })
      await store.setStreamSettings(stream, { maxAgeSeconds: 2 })
      assert.equal((await readStream(store, stream)).length, 2)
      await elapse(2500)
      await store.append(stream, newEvents(1, 'numbered', 2), { expected: 1n })
      assert.deepEqual(numbersOf(await readStream(store, stream)), [2])
    },
  },
  {
    name: 'takes nothing out of the log',
    run: async ({ store, stream }) => {
      await store.append(stream, newEvents(3), { expected: 'no-stream' })
      const from = (await readStream(store, stream))[0]?.position ?? -1n
      await store.setStreamSettings(stream, { maxCount: 1 })
      const found: unknown[] = []
      for await (const batch of store.readAll({ from }))
        found.push(...batch.filter((event) => event.stream === stream))
      assert.equal(found.length, 3)
    },
  },
  {
    name: 'applies to a stream that is written later',
    run: async ({ store, stream }) => {
      await store.setStreamSettings(stream, { maxCount: 1 })
      await store.append(stream, newEvents(3), { expected: 'no-stream' })
      assert.deepEqual(numbersOf(await readStream(store, stream)), [2])
    },
  },
]

const concurrency: Cases = [
  {
    name: 'replaces all settings',
    run: async ({ store, stream }) => {
      await store.setStreamSettings(stream, everything)
      await store.setStreamSettings(stream, { maxCount: 7 })
      assert.deepEqual((await store.readStreamSettings(stream)).settings, { maxCount: 7 })
    },
  },
  {
    name: 'takes what was read for what is expected',
    run: async ({ store, stream }) => {
      for (const maxCount of [1, 2, 3]) {
        const { revision = 'none' } = await store.readStreamSettings(stream)
        await store.setStreamSettings(stream, { maxCount }, { expected: revision })
      }
      assert.deepEqual((await store.readStreamSettings(stream)).settings, { maxCount: 3 })
    },
  },
  {
    name: 'refuses settings on others than were expected, naming the revision',
    run: async ({ store, stream }) => {
      await rejection(store.setStreamSettings(stream, {}, { expected: 0n }), conflict)
      await store.setStreamSettings(stream, { maxCount: 1 })
      const { revision } = await store.readStreamSettings(stream)
      await store.setStreamSettings(stream, { maxCount: 2 })
      for (const expected of ['none', revision ?? -1n] as const) {
        const stale = store.setStreamSettings(stream, { maxCount: 3 }, { expected })
        const error = await rejection(stale, conflict)
        assert.ok(error instanceof StreamSettingsConflictError)
        assert.equal(error.stream, stream)
        assert.equal(error.expected, expected)
        assert.ok(error.actual === undefined || error.actual > (revision ?? -1n))
      }
      assert.deepEqual((await store.readStreamSettings(stream)).settings, { maxCount: 2 })
    },
  },
  {
    name: 'lets one of many racing writers win that expect the same',
    run: async ({ store, stream }) => {
      const racers = upTo(8).map((n) =>
        store.setStreamSettings(stream, { maxCount: n + 1 }, { expected: 'none' }),
      )
      const { values, errors } = await outcomes(racers)
      assert.equal(values.length, 1, `${values.length} of 8 writers won`)
      assertCodes(errors, conflict)
    },
  },
  {
    name: 'lets all writers win that expect nothing',
    run: async ({ store, stream }) => {
      await Promise.all(upTo(6).map((n) => store.setStreamSettings(stream, { maxCount: n + 1 })))
      const { revision } = await store.readStreamSettings(stream)
      assert.equal(revision, 5n)
    },
  },
]

const invalid: readonly (readonly [string, StreamSettings])[] = [
  ['a count of 0', { maxCount: 0 }],
  ['half an event', { maxCount: 1.5 }],
  ['an age below zero', { maxAgeSeconds: -1 }],
  ['a revision below zero', { truncateBefore: -1n }],
  ["a custom name of the server's", { custom: { $maxCount: 3 } }],
]

/** Setting settings. */
export const setSettingsCases: Cases = [
  ...retention,
  ...concurrency,
  ...invalid.map(([what, settings]): ContractCase<StreamAdministrationSubject> => ({
    name: `refuses ${what}`,
    run: async ({ store, stream }) => {
      await rejection(store.setStreamSettings(stream, settings), 'INVALID_STREAM_SETTINGS')
      assert.equal((await store.readStreamSettings(stream)).revision, undefined)
    },
  })),
  {
    name: 'refuses a stream that was deleted for good',
    run: async ({ store, stream }) => {
      await store.append(stream, newEvents(1), { expected: 'no-stream' })
      await store.tombstoneStream(stream)
      await rejection(store.setStreamSettings(stream, { maxCount: 1 }), 'STREAM_DELETED')
    },
  },
]
