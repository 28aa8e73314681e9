import { VarveError } from '../varve-error.ts'
import type { ReadModelDefinition } from './read-model-definition.ts'
import type { Checkpoint } from './read-model-store.ts'
import { allSlots, type SlotRange } from './slots.ts'

/** One physical build of a projection's read models. A rebuild makes the next one. */
export interface Generation {
  readonly projection: string
  /** Version of the projection that built it. */
  readonly version: number
  /** Counts the builds of the projection, from 1. */
  readonly number: number
}

/** The code that built a generation, as far as it can be told apart. */
export interface ProjectionCode {
  readonly version: number
  /** What the projection declares: its read models, and which events go into them. */
  readonly shape: string
}

/** A generation of which something may be stored. */
export interface StoredGeneration {
  readonly generation: Generation
  /** What built it. Undefined: nobody noted that. */
  readonly shape: string | undefined
  /** Names of its read models. */
  readonly models: readonly string[]
  /** When readers left it; undefined: they never saw it, or see it now. */
  readonly leftAt?: Date | undefined
}

/** The alias document of a projection: which generation readers see, and which others exist. */
export interface GenerationRecord {
  readonly projection: string
  /** What readers see. Undefined until the first one is created. */
  readonly active: Generation | undefined
  /** What readers saw before the last switch, while it is kept. */
  readonly previous: Generation | undefined
  /** What a rebuild is filling. */
  readonly building: Generation | undefined
  /** Whether readers will never see what is being filled: a dry run. Default false. */
  readonly isTrial?: boolean | undefined
  /** Whether somebody paused the projection: no process feeds its generations until it is resumed. Default false. */
  readonly isPaused?: boolean
  /** Everything that may be stored. What is here and has none of the roles above is to be dropped. */
  readonly stored?: readonly StoredGeneration[] | undefined
  /** Until when `previous` is kept. */
  readonly keptUntil?: Date | undefined
  /** Code that readers were taken away from on purpose: it is not built again by itself. */
  readonly retired?: readonly ProjectionCode[] | undefined
  /** The highest number a generation ever had: none is used again. */
  readonly lastNumber?: number | undefined
  /** Grows with each change; a change is only saved over the revision it was made from. */
  readonly revision: number
}

/** The generation readers leave in a switch, as whoever switches has taken it over. */
export interface LeftGeneration {
  readonly generation: Generation
  /** One of each of its segments, as `takeCheckpoint` returned them. */
  readonly checkpoints: readonly Checkpoint[]
}

/** Another process changed a projection's generations at the same time. */
export class GenerationConflictError extends VarveError {
  readonly code = 'GENERATION_CONFLICT'
  constructor(readonly projection: string) {
    super(
      `The generations of projection "${projection}" were changed by another process at the same time. Read them again and decide anew.`,
    )
  }
}

/** Physical name of a read model in one generation. */
export function collectionName(model: ReadModelDefinition, generation: Generation): string {
  return `${model.name}__v${generation.version}_${generation.number}`
}

/**
 * Id of a segment's checkpoint: that of the first segment is also the name of the generation, under which its
 * dead letters are.
 */
export function checkpointId(generation: Generation, slots: SlotRange = allSlots): string {
  const id = `${generation.projection}__v${generation.version}_${generation.number}`
  return slots.first === 0 ? id : `${id}/${slots.first}`
}
