import {
  type ApplicationModel,
  ConfigurationError,
  type EventStore,
  holdsPersonalData,
  PrivateEvents,
  PrivateEventStore,
  PrivateSnapshotStore,
  type ReadModelStore,
  type SnapshotStore,
  SubjectKeys,
  type SubjectKeyStore,
  withPrivateDeadLetters,
} from '@varve/core'
import { NoPersonalDataError } from './privacy-errors.ts'

/** What forgetting a subject came to. */
export interface ForgetResult {
  readonly subject: string
  /** Whether there was anything to forget: a key, which there is once an event had data of the subject. */
  readonly hadKey: boolean
  /** Projections that get personal data. What they wrote before stays until they are rebuilt. */
  readonly projections: readonly string[]
}

/** Stores that hold personal data in some form. */
export interface PrivateStores {
  readonly eventStore: EventStore
  readonly snapshotStore?: SnapshotStore
  readonly readModels: ReadModelStore
}

/** The stores of an application as the application sees them, and how it forgets. */
export interface Privacy extends PrivateStores {
  /** @throws {NoPersonalDataError} No event has any. */
  forget(subject: string): Promise<ForgetResult>
}

function missingKeys(events: ApplicationModel['events']): string {
  const event = events.find((one) => holdsPersonalData([{ event: one }]))
  return `Event "${event?.type}" has personal data, but there is no lasting place for the keys that seal it: pass subjectKeys, such as a MongoSubjectKeyStore, or a MongoDB URL as readModels.`
}

/**
 * Seals what goes into the stores and opens what comes out, where events have personal data at all.
 *
 * @throws {ConfigurationError} They have, and there is no place for keys.
 */
export function openPrivacy(
  { events, aggregates, projections }: ApplicationModel,
  stores: PrivateStores,
  keyStore: SubjectKeyStore | undefined,
): Privacy {
  const { eventStore, snapshotStore, readModels } = stores
  if (!holdsPersonalData(events.map((event) => ({ event }))))
    return { ...stores, forget: (subject) => Promise.reject(new NoPersonalDataError(subject)) }
  if (!keyStore) throw new ConfigurationError([missingKeys(events)])
  const keys = new SubjectKeys(keyStore)
  const sealed = new PrivateEvents(events, keys)
  const categories = aggregates
    .filter((aggregate) => holdsPersonalData(aggregate.events))
    .map(({ category }) => category)
  const holding = projections
    .filter(({ handlers }) => holdsPersonalData(handlers))
    .map(({ name }) => name)
  const options = { eventStore, keys, categories: new Set(categories) }
  return {
    eventStore: new PrivateEventStore(eventStore, sealed),
    ...(snapshotStore && { snapshotStore: new PrivateSnapshotStore(snapshotStore, options) }),
    readModels: withPrivateDeadLetters(readModels, sealed),
    forget: async (subject) => ({
      subject,
      hadKey: await keys.forget(subject),
      projections: holding,
    }),
  }
}
