import type { Generation, GenerationRecord, ProjectionCode } from '../read-model/generation.ts'
import type { ProjectionDefinition, ProjectionHandler } from './projection-definition.ts'

/**
 * What a projection declares, in words: two definitions with the same words fill their read models from the same
 * events, unless their handlers differ, which only a version can tell.
 */
export function shapeOf({ models, handlers }: ProjectionDefinition): string {
  const targets = models.map(({ name, history }) => (history ? `${name} with history` : name))
  const routes = new Set(handlers.map(routeOf))
  return `${targets.sort().join(', ')}: ${[...routes].sort().join(', ')}`
}

function routeOf(handler: ProjectionHandler): string {
  const { kind, event, model } = handler
  const joins = kind === 'fold' ? (handler.joins ?? []) : []
  const read = joins.map((join) => ` reading ${join.model.name}`).join('')
  return `${event.type} ${kind === 'fold' ? 'into' : 'written into'} ${model.name}${read}`
}

/** The code of this process. */
export function codeOf(definition: ProjectionDefinition): ProjectionCode {
  return { version: definition.version, shape: shapeOf(definition) }
}

/** Tells whether this process's code built a generation. */
export function isBuiltBy(
  record: GenerationRecord,
  { number, version }: Generation,
  code: ProjectionCode,
): boolean {
  const stored = record.stored?.find(({ generation }) => generation.number === number)
  return version === code.version && (stored?.shape ?? code.shape) === code.shape
}

/**
 * How the code of this process stands to what readers see. `current`: it built that. `newer`: it is to be rebuilt with
 * this code. `outdated`: readers are on later code, or were taken away from this one on purpose.
 */
export type CodeStanding = 'current' | 'newer' | 'outdated'

/** Compares the code of this process with what readers see. */
export function standingOf(record: GenerationRecord, code: ProjectionCode): CodeStanding {
  const { active, retired = [] } = record
  if (!active || isBuiltBy(record, active, code)) return 'current'
  return code.version < active.version || retired.some((one) => areSame(one, code))
    ? 'outdated'
    : 'newer'
}

/** The code a record takes readers away from and to: what is left is not built again by itself. */
export function retire(
  record: GenerationRecord,
  left: ProjectionCode | undefined,
  code: ProjectionCode,
): readonly ProjectionCode[] {
  const others = (record.retired ?? []).filter((one) => !areSame(one, code))
  // Code of an earlier version is not built again anyway.
  const isLeft =
    left !== undefined &&
    left.version >= code.version &&
    ![code, ...others].some((one) => areSame(one, left))
  return isLeft ? [...others, left] : others
}

/** The code that built a generation, where that was noted. */
export function builderOf(
  { stored = [] }: GenerationRecord,
  { number, version }: Generation,
): ProjectionCode | undefined {
  const shape = stored.find(({ generation }) => generation.number === number)?.shape
  return shape === undefined ? undefined : { version, shape }
}

function areSame(one: ProjectionCode, other: ProjectionCode): boolean {
  return one.version === other.version && one.shape === other.shape
}
