/** How long to wait between tries, in milliseconds. */
export interface Backoff {
  readonly firstMs: number
  readonly maxMs: number
}

/**
 * Returns how long to wait before a try: twice as long each time up to the cap, and somewhere between half
 * and all of that, so that many callers who failed together do not come back together.
 *
 * @param retry 1 for the first try after a failure.
 */
export function backoffDelay(
  retry: number,
  { firstMs, maxMs }: Backoff,
  random: () => number = Math.random,
): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(retry - 1, 30))
  return full * (0.5 + random() / 2)
}
