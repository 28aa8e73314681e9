import { createHash } from 'node:crypto'
import type { ConsumerGroup, SubscribeOptions } from '@varve/core'

/** The source that is the whole log. */
export const wholeLog = '$all'

/** How the server knows a group. */
export interface GroupAddress {
  /** Name of a stream, or {@link wholeLog}. */
  readonly source: string
  readonly name: string
}

/**
 * Where a group is found on the server.
 *
 * A server tells nobody what a group on the whole log is filtered by, and can never change it. So the filter
 * is part of the group's name there: `<name>~<fingerprint>`.
 */
export function groupAddress(group: ConsumerGroup): GroupAddress {
  const { name, stream } = group
  if (stream !== undefined) return { source: stream, name }
  return { source: wholeLog, name: `${name}~${fingerprintOf(filterOf(group))}` }
}

/** Tells whether a group on the whole log has this name with another filter. */
export function isNamesake(found: string, group: ConsumerGroup): boolean {
  const { name } = groupAddress(group)
  const length = name.length - group.name.length
  return found !== name && found.slice(0, -length) === group.name && /~[\da-f]{8}$/.test(found)
}

/** What a group on the whole log lets through. */
export function filterOf({
  category,
  types,
  streamPrefixes,
}: ConsumerGroup): Pick<SubscribeOptions, 'types' | 'streamPrefixes'> {
  if (category !== undefined) return { streamPrefixes: [`${category}-`] }
  if (types) return { types: sorted(types) }
  return streamPrefixes ? { streamPrefixes: sorted(streamPrefixes) } : {}
}

/** The stream in which the server keeps what a group has parked. */
export function parkedStream({ source, name }: GroupAddress): string {
  return `$persistentsubscription-${source}::${name}-parked`
}

function fingerprintOf(filter: object): string {
  return createHash('sha256').update(JSON.stringify(filter)).digest('hex').slice(0, 8)
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].toSorted()
}
