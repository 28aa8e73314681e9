import type { RecordedEvent } from '../event-store/recorded-event.ts'
import { aggregateIdOf, type StreamName } from '../event-store/stream-name.ts'
import type { EventDefinition } from '../message/event-definition.ts'
import type { JsonObject, JsonValue } from '../serialization/json-value.ts'
import { parseTenantId, tenantId } from '../tenant/tenant-id.ts'
import { type FieldPlace, placesOf, replaceAt, valueAt } from './field-places.ts'
import { MissingSubjectError } from './privacy-errors.ts'
import { seal, unseal } from './seal.ts'

/** What stands in the log in the place of personal data. */
interface SealedValue {
  readonly sealed: string
  readonly placeholder: JsonValue
}

/** Personal data of an event: where it is, and whose. */
export interface PersonalPlace {
  readonly subject: string
  readonly place: FieldPlace
  readonly placeholder: JsonValue
}

/** An event on its way into a stream. */
export interface EventInStream {
  readonly stream: StreamName
  /** Under which the event is stored. */
  readonly id: string
  readonly data: JsonObject
}

/** Where an event goes, and what holds for all of them. */
export interface PlacingOptions {
  readonly stream: StreamName
  /** Whether subjects that the event names are those of the stream's tenant. */
  readonly isByTenant: boolean
  /** Of texts whose field names nothing else. */
  readonly placeholder: string
}

/**
 * Finds the personal data of an event.
 * @throws {MissingSubjectError} It does not say whose it is.
 */
export function personalPlaces(
  { type, personal, fields }: EventDefinition,
  data: JsonObject,
  { stream, isByTenant, placeholder: usual }: PlacingOptions,
): readonly PersonalPlace[] {
  return Object.entries(personal).flatMap(([path, options]) => {
    const places = placesOf(data, path)
    if (places.length === 0) return []
    const named = subjectOf({ type, data, stream }, options.subject)
    const tenant = isByTenant ? parseTenantId(aggregateIdOf(stream))?.tenant : undefined
    const isNamed = options.subject !== undefined
    const subject = isNamed && tenant !== undefined ? tenantId(tenant, named) : named
    const isRevived = Object.hasOwn(fields, path)
    return places.map((place) => {
      const isText = typeof valueAt(data, place) === 'string' && !isRevived
      const { placeholder = isText ? usual : null } = options
      return { subject, place, placeholder }
    })
  })
}

/** Seals the personal data of an event; the keys of all its subjects are there. */
export function sealFields(
  { stream, id, data }: EventInStream,
  places: readonly PersonalPlace[],
  keys: ReadonlyMap<string, Uint8Array>,
): JsonObject {
  let sealedData: JsonValue = data
  for (const { subject, place, placeholder } of innermostFirst(places)) {
    const text = JSON.stringify(valueAt(sealedData, place))
    const sealed = seal(keys.get(subject) as Uint8Array, text, aboutOf(stream, id, place))
    sealedData = replaceAt(sealedData, place, { sealed, placeholder } satisfies SealedValue)
  }
  return sealedData as JsonObject
}

/** A key does not open what was sealed with it: it was changed, or moved here. */
export class BrokenSeal {
  constructor(readonly subject: string) {}
}

/** Opens the sealed values of an event, or puts placeholders in where the subject has no key. */
export function openFields(
  { stream, id, data }: RecordedEvent,
  places: readonly Omit<PersonalPlace, 'placeholder'>[],
  keys: ReadonlyMap<string, Uint8Array | 'forgotten'>,
): JsonValue | BrokenSeal {
  let opened = data as JsonValue
  for (const { subject, place } of innermostFirst(places).reverse()) {
    const value = valueAt(opened, place)
    if (value === undefined) continue
    if (!isSealed(value)) return new BrokenSeal(subject)
    const key = keys.get(subject)
    const isOpen = key !== undefined && key !== 'forgotten'
    const text = isOpen
      ? unseal(key, value.sealed, aboutOf(stream, id, place))
      : JSON.stringify(value.placeholder)
    if (text === undefined) return new BrokenSeal(subject)
    opened = replaceAt(opened, place, JSON.parse(text) as JsonValue)
  }
  return opened
}

/** Fields within fields: the inner one is sealed first and opened last. */
function innermostFirst<Placed extends { readonly place: FieldPlace }>(
  places: readonly Placed[],
): Placed[] {
  return [...places].sort((a, b) => b.place.length - a.place.length)
}

function aboutOf(stream: StreamName, id: string, place: FieldPlace): string {
  return JSON.stringify([stream, id, place])
}

function isSealed(value: unknown): value is SealedValue & JsonObject {
  if (typeof value !== 'object' || value === null) return false
  return typeof (value as Partial<SealedValue>).sealed === 'string' && 'placeholder' in value
}

function subjectOf(
  { type, data, stream }: { type: string; data: JsonObject; stream: StreamName },
  path: string | undefined,
): string {
  if (path === undefined) return aggregateIdOf(stream)
  const found = valueAt(data, path.split('.'))
  if (typeof found === 'string' && found !== '') return found
  throw new MissingSubjectError(
    type,
    stream,
    path,
    found === undefined ? 'missing' : JSON.stringify(found),
  )
}
