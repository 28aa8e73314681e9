import type { Follower, Selection } from './follower.ts'
import type { Logged } from './read-log.ts'
import type { Acknowledged } from './writer.ts'

/** Says what is wrong in the log: nothing, where every acknowledged event is there once, where it was said to be. */
export function checkLog(
  log: readonly Logged[],
  acknowledged: readonly Acknowledged[],
): readonly string[] {
  const streams = byStream(log)
  const known = new Set(acknowledged.flatMap(({ ids }) => ids))
  return [
    ...checkOrder(log),
    ...[...streams.values()].flatMap((events) => checkRevisions(events)),
    ...acknowledged.flatMap((append) => checkAppend(append, streams.get(append.stream) ?? [])),
    ...log
      .filter(({ id }) => !known.has(id))
      .map((event) => `${show(event)} was never acknowledged.`),
  ]
}

/** Says where a subscriber received something else than the log has for it. */
export function checkFollower(
  { name, selection, received }: Follower,
  log: readonly Logged[],
): readonly string[] {
  const due = log.filter((event) => isSelected(event, selection))
  const at = due.findIndex(({ id }, index) => received[index]?.id !== id)
  const wrong = at < 0 && received.length > due.length ? due.length : at
  if (wrong < 0) return []
  const found = received[wrong]?.id ?? 'nothing'
  const wanted = due[wrong] ? show(due[wrong]) : 'nothing'
  return [
    `The subscriber ${name} received ${received.length} of ${due.length} events, and as number ${wrong} ${found} instead of ${wanted}.`,
  ]
}

/** Tells whether a subscriber asked for an event. */
export function isSelected(
  { type, stream }: Logged,
  { types, streamPrefixes, stream: only }: Selection,
): boolean {
  if (types) return types.includes(type)
  if (streamPrefixes) return streamPrefixes.some((prefix) => stream.startsWith(prefix))
  return only === undefined || stream === only
}

function byStream(log: readonly Logged[]): ReadonlyMap<string, readonly Logged[]> {
  const streams = new Map<string, Logged[]>()
  for (const event of log) {
    const events = streams.get(event.stream)
    if (events) events.push(event)
    else streams.set(event.stream, [event])
  }
  return streams
}

function checkOrder(log: readonly Logged[]): readonly string[] {
  const seen = new Map<string, Logged>()
  return log.flatMap((event, index) => {
    const twin = seen.get(event.id)
    seen.set(event.id, event)
    const before = log[index - 1]
    return [
      ...(twin ? [`${show(event)} is recorded twice: also as ${show(twin)}.`] : []),
      ...(before && before.position >= event.position
        ? [`${show(event)} stands behind ${show(before)} at a lower position.`]
        : []),
    ]
  })
}

function checkRevisions(events: readonly Logged[]): readonly string[] {
  return events
    .filter(({ revision }, index) => revision !== BigInt(index))
    .map((event) => `${show(event)} comes after a gap or a double.`)
    .slice(0, 1)
}

function checkAppend(
  { stream, revision, position, ids }: Acknowledged,
  events: readonly Logged[],
): readonly string[] {
  const first = Number(revision) - ids.length + 1
  const mistakes = ids.flatMap((id, index) =>
    events[first + index]?.id === id
      ? []
      : [`${id} was acknowledged at ${first + index} of "${stream}" and is not there.`],
  )
  const last = events[Number(revision)]
  if (last && last.position !== position)
    mistakes.push(`${show(last)} was acknowledged at position ${position}.`)
  return mistakes
}

function show({ id, stream, revision, position }: Logged): string {
  return `${id} (${revision} of "${stream}", position ${position})`
}
