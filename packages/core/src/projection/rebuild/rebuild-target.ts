import type { Generation } from '../../read-model/generation.ts'
import {
  changeGenerations,
  nextGeneration,
  openGenerations,
  storedBy,
  storedOf,
} from '../generations.ts'
import { codeOf, isBuiltBy } from '../projection-code.ts'
import type { ProjectionDefinition } from '../projection-definition.ts'
import { OutdatedProjectionError } from '../projection-errors.ts'
import type { ProjectionPorts } from '../projection-ports.ts'
import { partition } from './generation-writers.ts'
import { sweep } from './sweep.ts'

/** What {@link openTarget} needs. */
export interface TargetOptions {
  readonly definition: ProjectionDefinition
  readonly ports: ProjectionPorts
  readonly leaseMs: number
  /** How many writers fill it side by side. */
  readonly partitions: number
  /** Whether it is for a dry run, which nobody goes on with. */
  readonly isTrial: boolean
  /** Whether to leave alone what an earlier rebuild got done. */
  readonly isFresh: boolean
}

/**
 * Names the generation a rebuild fills and makes room for it: the one an earlier rebuild with the same code left when
 * its process died, or the next one. It is named before anything is stored, so that a crash leaves nothing unnamed.
 *
 * @throws {OutdatedProjectionError} Readers are on a later version.
 */
export async function openTarget(options: TargetOptions): Promise<Generation> {
  const { definition, ports, leaseMs, isFresh, isTrial } = options
  const { readModels } = ports
  const code = codeOf(definition)
  const found = await openGenerations(readModels, definition)
  const { active, building } = found
  if (active && active.version > definition.version)
    throw new OutdatedProjectionError(definition.name, definition.version, active.version)
  const isFurther = !isFresh && !isTrial && !found.isTrial
  if (building && isFurther && isBuiltBy(found, building, code)) {
    const checkpoints = await readModels.checkpoints(building)
    if (checkpoints.some(({ position }) => position !== undefined)) {
      await readModels.create(building, definition.models, { indexes: 'unique' })
      return building
    }
  }
  const record = await changeGenerations(readModels, definition, (now) => {
    const generation = nextGeneration(now, definition)
    const stored = [...storedOf(now, definition), storedBy(definition, generation)]
    return { ...now, building: generation, isTrial, lastNumber: generation.number, stored }
  })
  const generation = record.building as Generation
  await sweep(ports, definition, leaseMs)
  await readModels.create(generation, definition.models, { indexes: 'unique' })
  await partition({ ports, generation }, definition, options.partitions)
  return generation
}

/** Takes a generation back that never got active, and drops it. Leaves one alone that is not being built any more. */
export async function dropTarget(
  { definition, ports, leaseMs }: Pick<TargetOptions, 'definition' | 'ports' | 'leaseMs'>,
  generation: Generation,
): Promise<void> {
  await changeGenerations(ports.readModels, definition, (record) =>
    record.building?.number === generation.number
      ? { ...record, building: undefined, isTrial: false }
      : undefined,
  )
  await sweep(ports, definition, leaseMs)
}
