import { expect, test } from 'vitest'
import { changedSettings, newSettings } from '../../src/consumer-group/server-settings.ts'

test('a new group has the defaults of the client where nothing is named', () => {
  expect(newSettings({ maxRetries: 3, strategy: 'pinned' })).toMatchObject({
    messageTimeout: 30_000,
    maxRetryCount: 3,
    maxSubscriberCount: 'unbounded',
    consumerStrategyName: 'Pinned',
  })
})

test('nothing changes where what is named is as it was', () => {
  const existing = { ...newSettings({ maxRetries: 3 }), historyBufferSize: 900 }
  expect(changedSettings(existing, {})).toBeUndefined()
  expect(changedSettings(existing, { maxRetries: 3, maxConsumers: Infinity })).toBeUndefined()
})

test('a change keeps everything that is not named', () => {
  const existing = { ...newSettings({ maxRetries: 3 }), historyBufferSize: 900 }
  expect(changedSettings(existing, { messageTimeoutMs: 500 })).toEqual({
    ...existing,
    messageTimeout: 500,
  })
})
