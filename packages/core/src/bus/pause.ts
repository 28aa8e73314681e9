/** Waits, in milliseconds; ends early, without an error, when the signal is raised. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve()
      return
    }
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })
}

const longestBackoffMs = 2_000

/** How long to pause after so many failures in a row, in milliseconds: from 50 on doubled up to 2,000, jittered. */
export function backoffMs(failures: number): number {
  return Math.min(longestBackoffMs, 50 * 2 ** failures) * (0.5 + Math.random() / 2)
}

/** Whether a signal is raised, asked anew: the compiler believes that it still is as it was before an await. */
export function isRaised(signal: AbortSignal): boolean {
  return signal.aborted
}
