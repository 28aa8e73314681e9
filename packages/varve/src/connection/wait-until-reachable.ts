import {
  EventStoreUnavailableError,
  type Logger,
  ReadModelStoreUnavailableError,
} from '@varve/core'

/**
 * Asks a server until it answers.
 *
 * @param probe One cheap question; rejects while the server does not answer.
 * @throws What the probe last threw, when it goes on for `timeoutMs`, or at once when it is no outage.
 */
export async function waitUntilReachable(
  probe: () => Promise<unknown>,
  { timeoutMs, logger }: { readonly timeoutMs: number; readonly logger: Logger },
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  for (let delayMs = 250; ; delayMs = Math.min(2_000, delayMs * 2)) {
    try {
      await probe()
      return
    } catch (error) {
      const isOutage =
        error instanceof EventStoreUnavailableError ||
        error instanceof ReadModelStoreUnavailableError
      if (!isOutage || Date.now() + delayMs > deadline) throw error
      logger.warn(`${error.message} Trying again.`)
      await new Promise((resolve) => setTimeout(resolve, delayMs))
    }
  }
}
