import { describe, expect, test } from 'vitest'
import type { Probe } from '../../src/subscription/subscription-source.ts'
import { Watchdog } from '../../src/subscription/watchdog.ts'

/** Watches a silent subscription until it is given up, or the log was asked so often. */
async function watch(
  probe: () => Promise<Probe>,
  { probes = 5, isConfirmed = true } = {},
): Promise<string[]> {
  const told: string[] = []
  await new Promise<void>((resolve) => {
    let asked = 0
    const watchdog = new Watchdog(
      { probeMs: 2, stallMs: 10, answerMs: 15 },
      {
        probe: () => {
          if ((asked += 1) > probes) resolve()
          return probe()
        },
        isExcused: () => false,
        onMoved: (position) => void told.push(`moved to ${position}`),
        onAtEnd: () => void told.push('at the end'),
        onStalled: () => void told.push('stalled'),
        onLost: (cause) => {
          told.push(`lost: ${(cause as Error).message}`)
          watchdog.stop()
          resolve()
        },
      },
    )
    if (isConfirmed) watchdog.sawConfirmation()
    watchdog.start()
  })
  return [...new Set(told)]
}

const nothing: Probe = { isBehind: false, isAtEnd: true, upTo: undefined }

describe('a silent subscription', () => {
  test('is at the end where the log has no more', async () => {
    expect(await watch(() => Promise.resolve(nothing))).toEqual(['at the end'])
  })

  test('moves past events it did not ask for', async () => {
    const told = await watch(() => Promise.resolve({ ...nothing, upTo: 7n }))
    expect(told).toEqual(['moved to 7', 'at the end'])
  })

  test('has stalled where the log has more for it', async () => {
    const behind = { isBehind: true, isAtEnd: false, upTo: undefined }
    const told = await watch(() => Promise.resolve(behind), { probes: 99 })
    expect(told).toEqual(['stalled', expect.stringMatching(/^lost: Nothing came for 10 ms/)])
  })

  test('is lost where the log cannot be asked', async () => {
    const told = await watch(() => Promise.reject(new Error('down')))
    expect(told).toEqual(['lost: down'])
  })

  test('is lost where the server never confirms it', async () => {
    const told = await watch(() => Promise.resolve(nothing), { isConfirmed: false })
    expect(told).toEqual([expect.stringMatching(/not confirmed within 15 ms/)])
  })
})
