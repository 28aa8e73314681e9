import { OutOfPatienceError } from './contract-errors.ts'

/**
 * Waits for a promise, but not for ever.
 *
 * @param awaited Ends the sentence "Waited 10000 ms for …".
 * @throws {OutOfPatienceError}
 */
export async function within<T>(
  patienceMs: number,
  awaited: string,
  promise: Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const impatience = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new OutOfPatienceError(awaited, patienceMs)), patienceMs)
  })
  try {
    return await Promise.race([promise, impatience])
  } finally {
    clearTimeout(timer)
  }
}
