import type { Constructor, ProjectionErrorPolicy } from '@varve/core'
import { metadataKey, record } from '../metadata/metadata.ts'
import type { ReadModelClass } from '../read-model/read-model.ts'

/** What `@Projection` says of a class beyond its name. */
export interface ProjectionDecoratorOptions {
  /** The read model, or models, it builds. */
  readonly into: ReadModelClass | readonly [ReadModelClass, ...ReadModelClass[]]
  /** Raise it when the handlers change: the read models are then rebuilt. A whole number from 1. Default 1. */
  readonly version?: number
  /** What becomes of an event that fails in every try. Default `dead-letter`. */
  readonly onError?: ProjectionErrorPolicy
}

/** What `@Projection` says of a class. */
export interface ProjectionRecord {
  readonly name: string
  readonly into: readonly ReadModelClass[]
  readonly version?: number | undefined
  readonly onError?: ProjectionErrorPolicy | undefined
}

/** Records of {@link Projection}. */
export const projectionKey = metadataKey<ProjectionRecord>('projection')

/**
 * Makes a class a projection. It is resolved once, when the projection starts.
 *
 * @param name Stable name, the one its checkpoint is kept under; never inherited.
 */
export function Projection(name: string, options: ProjectionDecoratorOptions) {
  const into = [options.into as ReadModelClass | readonly ReadModelClass[]].flat()
  const { version, onError } = options
  return (target: Constructor): void =>
    record(projectionKey, target, { name, into, version, onError })
}
