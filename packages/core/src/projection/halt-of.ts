import { HandlerNotResolvableError } from '../message/handler-resolver.ts'
import type { ProjectionDefinition } from './projection-definition.ts'
import { ProjectionHaltedError } from './projection-errors.ts'

/** What trying again will not mend; undefined where it may. */
export function haltOf(
  { name }: ProjectionDefinition,
  error: unknown,
): ProjectionHaltedError | undefined {
  if (error instanceof ProjectionHaltedError) return error
  if (!(error instanceof HandlerNotResolvableError)) return undefined
  return new ProjectionHaltedError(name, { cause: error })
}
