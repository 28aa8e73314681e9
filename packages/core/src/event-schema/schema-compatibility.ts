import type { EventSchema } from './event-schema.ts'
import { schemaDifferences } from './schema-differences.ts'

/**
 * What must go together. `backward`: new code reads what old code wrote. `forward`: old code reads what new code
 * writes. `full`: both.
 */
export type Compatibility = 'backward' | 'forward' | 'full'

/** Why two sets of schemas do not go together. */
export interface Incompatibility {
  readonly type: string
  readonly direction: 'backward' | 'forward'
  /** Where in the event; empty: the event as a whole. */
  readonly path: string
  readonly message: string
}

/**
 * Compares the events of a deployed application with those of its next version. New kinds of events go with
 * anything: old code does not ask for them.
 *
 * An event written under a schema is taken to hold only the fields the schema names.
 */
export function compareSchemas(
  before: readonly EventSchema[],
  after: readonly EventSchema[],
  mode: Compatibility,
): readonly Incompatibility[] {
  return before.flatMap((old) => {
    const next = after.find(({ type, aliases }) => type === old.type || aliases.includes(old.type))
    if (!next) return mode === 'forward' ? [] : [gone(old)]
    return [
      ...(mode === 'forward' ? [] : [...lostNames(old, after), ...backward(old, next)]),
      ...(mode === 'backward' ? [] : forward(old, next)),
    ]
  })
}

function gone({ type }: EventSchema): Incompatibility {
  const message = `is declared no more, and nothing has the alias "${type}"; keep it, with an upcaster that drops it or makes others of it`
  return { type, direction: 'backward', path: '', message }
}

/** Names an event had before are in the log as well. */
function lostNames(
  { type, aliases }: EventSchema,
  after: readonly EventSchema[],
): readonly Incompatibility[] {
  return aliases
    .filter((name) => !after.some((one) => one.type === name || one.aliases.includes(name)))
    .map((name) => {
      const message = `has lost the alias "${name}", under which events may be stored; keep it`
      return { type, direction: 'backward', path: '', message }
    })
}

function backward(old: EventSchema, next: EventSchema): readonly Incompatibility[] {
  const { type } = old
  const found = (message: string, path = ''): Incompatibility => ({
    type,
    direction: 'backward',
    path,
    message,
  })
  if (next.version < old.version)
    return [found(`is declared in version ${next.version}, but is stored in ${old.version}`)]
  const lost = old.reads.filter((version) => !next.reads.includes(version))
  if (lost.length > 0) return [found(`has no upcaster from version ${lost.join(', ')} any more`)]
  const isUpcast = next.version > old.version && next.reads.length > 0
  if (isUpcast)
    return next.reads.includes(old.version)
      ? []
      : [found(`has no upcaster from version ${old.version}`)]
  return schemaDifferences(old.schema, next.schema).map(({ path, message }) => found(message, path))
}

function forward(old: EventSchema, next: EventSchema): readonly Incompatibility[] {
  const { type } = old
  const found = (message: string, path = ''): Incompatibility => ({
    type,
    direction: 'forward',
    path,
    message,
  })
  if (next.version < old.version) return []
  if (next.version > old.version)
    return next.writes.includes(old.version)
      ? []
      : [found(`is written in version ${next.version}, and has no downcaster to ${old.version}`)]
  if (next.type !== type) return [found(`is written as "${next.type}" in the same version`)]
  return schemaDifferences(next.schema, old.schema).map(({ path, message }) => found(message, path))
}
