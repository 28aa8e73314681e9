/** Something that runs at intervals until it is stopped. */
export interface Heartbeat {
  /** Waits for the beat under way. */
  stop(): Promise<void>
}

/** Runs a beat at intervals, never two at a time. Does not keep the process alive. */
export function startHeartbeat(everyMs: number, beat: () => Promise<void>): Heartbeat {
  let beating: Promise<void> | undefined
  const timer = setInterval(() => {
    beating ??= beat().finally(() => (beating = undefined))
  }, everyMs)
  timer.unref()
  return {
    stop: async () => {
      clearInterval(timer)
      await beating
    },
  }
}
