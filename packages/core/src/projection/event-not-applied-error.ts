import type { DeadLetter } from '../dead-letter/dead-letter-store.ts'
import { VarveError } from '../varve-error.ts'

/** A query was to be answered after an event that its read model does not have: it is a dead letter. */
export class EventNotAppliedError extends VarveError {
  readonly code = 'EVENT_NOT_APPLIED'
  constructor(
    readonly projection: string,
    /** Read model that does not have it. */
    readonly model: string,
    readonly letter: DeadLetter,
  ) {
    const { type, stream, revision, position } = letter.event
    super(
      `Projection "${projection}" could not apply "${type}" at ${stream}/${revision} (position ${position}), so "${model}" does not have it: ${reasonOf(letter)}. Mend the handler and ${remedyOf(projection, letter)}, or query with onTimeout: "serve-stale".`,
    )
  }
}

function reasonOf({ cause, queue }: DeadLetter): string {
  return cause
    ? cause.message.replace(/[.\s]+$/, '')
    : `it waits behind an earlier event of "${queue.key}"`
}

/** Where its key function failed, only a rebuild gets the event into its document. */
function remedyOf(projection: string, { queue: { model, key } }: DeadLetter): string {
  return model === undefined
    ? `rebuild "${projection}"`
    : `call projections.deadLetters("${projection}").retry({ model: "${model}", key: "${key}" })`
}
