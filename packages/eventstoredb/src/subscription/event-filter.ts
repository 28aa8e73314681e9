import type { Filter } from '@eventstore/db-client'
import type { SubscribeOptions } from '@varve/core'
import { InvalidSubscriptionError } from '../eventstoredb-errors.ts'
import type { ClientPosition, DeliveredEvent } from '../read/delivery.ts'
import { isUserEvent } from '../read/to-recorded-event.ts'

/** Events the server looks at before it tells how far it is. Far fewer make it talk more than search. */
const maxSearchWindow = 1000

const regexCharacters = /[$()*+.?[\\\]^{|}]/g

/** Tells whether a subscription asks for an event. */
export type Matches = (event: DeliveredEvent) => boolean

/** Every type but the server's own. */
const userTypes = '^[^$].*'

/** Checks that the options do not contradict each other. */
export function checkFilters(options: SubscribeOptions): void {
  const { types, streamPrefixes, stream, after, afterRevision } = options
  const refuse = (reason: string): never => {
    throw new InvalidSubscriptionError(reason)
  }
  if (types && streamPrefixes) refuse('it has both "types" and "streamPrefixes"; use one of them')
  if (stream === undefined && afterRevision !== undefined)
    refuse('"afterRevision" goes with "stream"; use "after" for the whole log')
  if (stream === undefined) return
  if (types || streamPrefixes)
    refuse('it has "stream" and another filter; filter the events of one stream yourself')
  if (after !== undefined) refuse('"after" does not go with "stream"; use "afterRevision"')
}

/** Builds the filter the server applies. */
export function serverFilter(
  { types, streamPrefixes }: SubscribeOptions,
  onCheckpoint: (position: ClientPosition) => void,
): Filter {
  const options = {
    maxSearchWindow,
    checkpointInterval: 1,
    checkpointReached: (_: unknown, position: ClientPosition) => onCheckpoint(position),
  }
  if (types) return { ...options, filterOn: 'eventType', regex: anyOf(types) }
  if (!streamPrefixes) return { ...options, filterOn: 'eventType', regex: userTypes }
  // No prefix at all means no stream at all; the server would take an empty list for no filter.
  if (streamPrefixes.length === 0) return { ...options, filterOn: 'streamName', regex: anyOf([]) }
  return { ...options, filterOn: 'streamName', prefixes: [...streamPrefixes] }
}

/** Builds the same filter for this side: the server's may let more through, and its own events with it. */
export function localFilter({ types, streamPrefixes }: SubscribeOptions): Matches {
  if (types) {
    const wanted = new Set(types)
    return (event) => wanted.has(event.type) && isUserEvent(event)
  }
  if (streamPrefixes)
    return (event) =>
      isUserEvent(event) && streamPrefixes.some((prefix) => event.streamId.startsWith(prefix))
  return isUserEvent
}

function anyOf(names: readonly string[]): string {
  return `^(?:${names.map((name) => name.replaceAll(regexCharacters, String.raw`\$&`)).join('|')})$`
}
