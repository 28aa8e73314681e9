import type { RecordedEvent } from '@varve/core'

/** Most events in one batch. */
export const pageSize = 1000

/** Tells the events users see from the server's own. */
export function isDelivered(event: RecordedEvent): boolean {
  return !event.type.startsWith('$')
}

/** Which part of a list of events to read: from `first`, inclusive, to `last`, exclusive. */
export interface Range {
  readonly first: number
  readonly last: number
  readonly isBackwards: boolean
  readonly limit: number
}

/** Cuts a list that only ever grows into batches, oldest first or newest first. */
export async function* pagesOf(
  events: readonly RecordedEvent[],
  { first, last, isBackwards, limit }: Range,
): AsyncGenerator<readonly RecordedEvent[], undefined> {
  let left = limit
  for (let done = 0; first + done < last && left > 0; done += pageSize) {
    const page = isBackwards
      ? events.slice(Math.max(first, last - done - pageSize), last - done).reverse()
      : events.slice(first + done, Math.min(last, first + done + pageSize))
    const delivered = page.every(isDelivered) ? page : page.filter(isDelivered)
    const batch = delivered.length > left ? delivered.slice(0, left) : delivered
    left -= batch.length
    if (batch.length > 0) yield batch
  }
}
