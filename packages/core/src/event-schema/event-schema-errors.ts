import type { Violation } from '../message/message-validator.ts'
import { VarveError } from '../varve-error.ts'

/** An event is not as its schema says. Nothing was stored. */
export class EventSchemaError extends VarveError {
  readonly code = 'EVENT_AGAINST_SCHEMA'
  constructor(
    readonly type: string,
    readonly version: number,
    readonly violations: readonly Violation[],
  ) {
    const list = violations.map(({ path, message }) => `  - ${path || 'the event'}: ${message}`)
    super(
      `Event "${type}" of version ${version} is not as its schema says:\n${list.join('\n')}\nCorrect what emits it; where the event has changed, raise its version, add an upcaster and change the schema.`,
    )
  }
}
