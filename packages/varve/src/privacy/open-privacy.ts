import {
  type ApplicationModel,
  ConfigurationError,
  type EventStore,
  holdsPersonalData,
  InvalidMessageError,
  masterKeyOf,
  PrivateEvents,
  PrivateEventStore,
  PrivateSnapshotStore,
  type ReadModelStore,
  type SnapshotStore,
  SubjectKeys,
  type SubjectKeyStore,
  withMasterKey,
  withPrivateDeadLetters,
} from '@varve/core'
import type { ApplicationOptions } from '../application/application-options.ts'
import { NoPersonalDataError } from './privacy-errors.ts'

/** Options of {@link Application.forget}. */
export interface ForgetOptions {
  /** Whose person it is. Needed where the application keeps tenants apart. */
  readonly tenant?: string
  /** Whether to rebuild the projections that get personal data, one after another. Default false. */
  readonly rebuild?: boolean
}

/** What forgetting a subject came to. */
export interface ForgetResult {
  readonly subject: string
  /** Whether there was anything to forget: a key, which there is once an event had data of the subject. */
  readonly hadKey: boolean
  /** Projections that get personal data. What they wrote before stays until they are rebuilt. */
  readonly projections: readonly string[]
}

/** How personal data is kept. */
export interface PrivacyOptions {
  /**
   * Without it, the keys of persons open nothing: 32 random bytes as base64, from the environment and kept in none of
   * the stores. For good: neither added later, nor changed, nor lost. Default none.
   */
  readonly masterKey?: string
  /** What stands in the place of forgotten texts whose field names nothing else. Default `[forgotten]`. */
  readonly placeholder?: string
  /** How long another process may still read a person who was forgotten, in milliseconds. Default 5,000. */
  readonly keysForMs?: number
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

/** Whoever forgets nobody by mistake must not take a person for forgotten. */
function checkSubject(subject: unknown): string {
  if (typeof subject === 'string' && subject !== '') return subject
  const message = `is ${JSON.stringify(subject)}: expected the id of a person, a text that is not empty`
  throw new InvalidMessageError('forget', [{ path: 'subject', rule: 'isSubject', message }])
}

/**
 * Seals what goes into the stores and opens what comes out, where events have personal data at all.
 *
 * @throws {ConfigurationError} They have, and there is no place for keys.
 * @throws {InvalidMasterKeyError}
 */
export function openPrivacy(
  { events, aggregates, projections }: ApplicationModel,
  stores: PrivateStores & { readonly subjectKeys: SubjectKeyStore | undefined },
  { tenants: isByTenant = false, privacy = {} }: Pick<ApplicationOptions, 'tenants' | 'privacy'>,
): Privacy {
  const { eventStore, snapshotStore, readModels, subjectKeys } = stores
  const { masterKey, placeholder, keysForMs: ttlMs } = privacy
  if (!holdsPersonalData(events.map((event) => ({ event }))))
    return { ...stores, forget: (subject) => Promise.reject(new NoPersonalDataError(subject)) }
  if (!subjectKeys) throw new ConfigurationError([missingKeys(events)])
  const keyStore =
    masterKey === undefined ? subjectKeys : withMasterKey(subjectKeys, masterKeyOf(masterKey))
  const keys = new SubjectKeys(keyStore, ttlMs === undefined ? {} : { ttlMs })
  const usual = placeholder === undefined ? {} : { placeholder }
  const sealed = new PrivateEvents(events, keys, { isByTenant, ...usual })
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
      hadKey: await keys.forget(checkSubject(subject)),
      projections: holding,
    }),
  }
}
