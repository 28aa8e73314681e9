import { CallFailure } from './call-failure.ts'

/** Waits for an answer for as long as given, in milliseconds; what comes later is dropped. */
export async function withTimeLimit<T>(answer: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new CallFailure('no-answer', `There was no answer within ${limitMs} ms.`)),
      limitMs,
    )
  })
  try {
    return await Promise.race([answer, limit])
  } finally {
    clearTimeout(timer)
  }
}
