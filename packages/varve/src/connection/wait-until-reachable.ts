import {
  EventStoreUnavailableError,
  type Logger,
  ReadModelStoreUnavailableError,
} from '@varve/core'

const firstWordMs = 1_000
const furtherWordsMs = 5_000

/** Options of {@link waitUntilReachable}. */
export interface ReachOptions {
  /** What is waited for, with its address and without credentials: `The event store at …`. */
  readonly subject: string
  /** How long, in milliseconds. */
  readonly timeoutMs: number
  readonly logger: Logger
  /** Makes the error to give up with. */
  readonly unavailable: (operation: string) => Error
}

/**
 * Asks a server until it answers, and says so while it does not.
 *
 * @param probe One cheap question; rejects while the server does not answer.
 * @throws What `unavailable` makes, when it goes on for `timeoutMs`; what the probe threw, when that is no outage.
 */
export async function waitUntilReachable(
  probe: () => Promise<unknown>,
  { subject, timeoutMs, logger, unavailable }: ReachOptions,
): Promise<void> {
  const seconds = Math.ceil(timeoutMs / 1_000)
  const speak = (): void => {
    logger.warn(`${subject} does not answer yet; waiting for up to ${seconds} s.`)
  }
  let words = setTimeout(() => {
    speak()
    words = setInterval(speak, furtherWordsMs)
  }, firstWordMs)
  let deadline: NodeJS.Timeout | undefined
  const giveUp = new Promise<never>((_, reject) => {
    deadline = setTimeout(() => reject(unavailable(`${seconds} s from the start`)), timeoutMs)
  })
  try {
    await Promise.race([askUntilAnswered(probe), giveUp])
  } finally {
    clearTimeout(words)
    clearTimeout(deadline)
  }
}

/** Ends when the stores are closed, at the latest: their calls then fail with what is no outage. */
async function askUntilAnswered(probe: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await probe()
      return
    } catch (error) {
      const isOutage =
        error instanceof EventStoreUnavailableError ||
        error instanceof ReadModelStoreUnavailableError
      if (!isOutage) throw error
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
}
