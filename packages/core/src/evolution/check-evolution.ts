import type { EventDefinition } from '../message/event-definition.ts'

/** Checks how events came to be what they are; returns the mistakes. */
export function checkEvolution(events: readonly EventDefinition[]): readonly string[] {
  const types = new Set(events.map(({ type }) => type))
  const owners = new Map<string, string>()
  return events.flatMap((event) => [
    ...checkAliases(event, types, owners),
    ...checkUpcasters(event, types),
    ...checkDowncasters(event),
  ])
}

function checkAliases(
  { type, aliases }: EventDefinition,
  types: ReadonlySet<string>,
  owners: Map<string, string>,
): readonly string[] {
  return aliases.flatMap((alias) => {
    const owner = types.has(alias) ? alias : owners.get(alias)
    owners.set(alias, type)
    if (owner === undefined) return []
    return [
      `Event "${type}" has the alias "${alias}", which belongs to event "${owner}". A stored name stands for one event.`,
    ]
  })
}

function checkUpcasters(
  { type, version, upcasters }: EventDefinition,
  types: ReadonlySet<string>,
): readonly string[] {
  if (upcasters.length === 0) return []
  const mistakes: string[] = []
  for (let from = 1; from < version; from += 1) {
    const count = upcasters.filter((upcaster) => upcaster.version === from).length
    if (count !== 1)
      mistakes.push(
        `Event "${type}" has ${count === 0 ? 'no upcaster' : `${count} upcasters`} from version ${from}: give each version before ${version} one.`,
      )
  }
  for (const { version: from, into = [] } of upcasters) {
    if (!(Number.isInteger(from) && from > 0 && from < version))
      mistakes.push(
        `Event "${type}" has an upcaster from version ${from}, but its version is ${version}: expected one before that.`,
      )
    for (const made of into)
      if (!types.has(made))
        mistakes.push(
          `The upcaster of "${type}" from version ${from} makes "${made}", which is no declared event. List it in definitions.`,
        )
  }
  return mistakes
}

function checkDowncasters({ type, version, downcasters }: EventDefinition): readonly string[] {
  const written = downcasters.map((downcaster) => downcaster.version).sort((a, b) => b - a)
  const isChain = written.every((to, index) => to === version - 1 - index && to > 0)
  return isChain
    ? []
    : [
        `Event "${type}" of version ${version} has downcasters to ${written.join(', ')}: expected ${version - 1} and so on downwards, without a gap.`,
      ]
}
