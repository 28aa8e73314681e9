import type { AggregateDefinition } from '../aggregate/aggregate-definition.ts'
import type { EventDefinition } from '../message/event-definition.ts'
import type { HandlerScope } from '../message/handler-resolver.ts'
import type { ReadModelDefinition, ReadModelDocument } from '../read-model/read-model-definition.ts'

/** What is known of a snapshot beside its state. */
export interface SnapshotContext {
  readonly aggregateId: string
  /** Revision of the last event in the state. */
  readonly revision: bigint
}

/**
 * Makes the document that the handlers would have made of the events in a state. Must depend on nothing but its arguments.
 *
 * Null or undefined: there is none, or the state does not tell; the events are replayed instead.
 */
export type DocumentOfState<
  State = unknown,
  Document extends ReadModelDocument = ReadModelDocument,
> = (state: State, context: SnapshotContext) => Document | null | undefined

/** Options of {@link fromSnapshot}. */
export interface FromSnapshotOptions {
  /**
   * Events with one of which every stream of the aggregate begins. A rebuild then finds the aggregates by these alone,
   * and reads of each only what its snapshot does not have. What begins otherwise is missing from the documents.
   * Default: the whole log is read, and what the snapshots have is passed over.
   */
  readonly firstEvents?: readonly EventDefinition[]
}

/** How a projection's documents are made from the snapshots of an aggregate. */
export interface SnapshotHandler extends FromSnapshotOptions {
  readonly aggregate: AggregateDefinition
  readonly model: ReadModelDefinition
  /** Binds it to its instance; called once for each rebuild. */
  bind(scope: HandlerScope): DocumentOfState
}

/**
 * Says how the documents of a projection follow from the state of an aggregate, so that they can be rebuilt from its
 * snapshots: `rebuild(name, { from: 'snapshots' })`. Each document is that of one aggregate and has its id.
 */
export function fromSnapshot<State, Document extends ReadModelDocument>(
  aggregate: AggregateDefinition<State>,
  model: ReadModelDefinition<Document>,
  document: DocumentOfState<State, Document>,
  options: FromSnapshotOptions = {},
): SnapshotHandler {
  return {
    ...options,
    aggregate,
    model,
    bind: () => document as DocumentOfState,
  }
}
