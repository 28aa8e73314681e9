import { InvalidDocumentError } from '../projection-errors.ts'

/**
 * Refuses what an asynchronous handler returns.
 *
 * @throws {InvalidDocumentError}
 */
export function refusePromise(result: unknown, expected: string): void {
  if (!(result instanceof Promise)) return
  // Nobody will ever wait for it, and a rejection nobody hears ends the process.
  result.catch(() => undefined)
  throw new InvalidDocumentError('a promise', `${expected} at once: handlers are synchronous`)
}
