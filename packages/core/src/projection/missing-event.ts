import type { CommandResult } from '../bus/command-result.ts'
import type { DeadLetter, DeadLetterStore } from '../dead-letter/dead-letter-store.ts'
import type { ReadModelRoute } from '../model/application-model.ts'
import { checkpointId, type Generation } from '../read-model/generation.ts'

/** Finds the first event of a command that a read model lacks, since it is a dead letter. */
export async function missingEvent(
  store: DeadLetterStore,
  { model }: ReadModelRoute,
  generation: Generation,
  { stream, commandId }: CommandResult,
): Promise<DeadLetter | undefined> {
  let first: DeadLetter | undefined
  for await (const letters of store.list({ consumer: checkpointId(generation), stream }))
    for (const letter of letters) {
      const { queue, event } = letter
      const isOfModel = queue.model === undefined || queue.model === model.name
      if (!isOfModel || event.metadata.commandId !== commandId) continue
      if (!first || event.position < first.event.position) first = letter
    }
  return first
}
