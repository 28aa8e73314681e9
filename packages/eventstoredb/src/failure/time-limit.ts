import { CallFailure } from './call-failure.ts'

/** What a call fails with that was not answered in time, given in milliseconds. */
export function noAnswer(limitMs: number): CallFailure {
  return new CallFailure('no-answer', `There was no answer within ${limitMs} ms.`)
}

/** Waits for an answer for as long as given, in milliseconds; what comes later is dropped. */
export async function withTimeLimit<T>(answer: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(noAnswer(limitMs)), limitMs)
  })
  try {
    return await Promise.race([answer, limit])
  } finally {
    clearTimeout(timer)
  }
}
