import type { EventMetadata, RecordedEvent } from '../event-store/recorded-event.ts'
import type { FieldPlace } from './field-places.ts'
import type { PersonalPlace } from './sealed-fields.ts'

/** What an event's metadata says of the personal data in it: the places of each subject's. */
type SealedPlaces = Readonly<Record<string, readonly FieldPlace[]>>

/** Makes the note of what is sealed in an event. */
export function notePlaces(places: readonly PersonalPlace[]): SealedPlaces {
  const noted = new Map<string, FieldPlace[]>()
  for (const { subject, place } of places)
    noted.set(subject, [...(noted.get(subject) ?? []), place])
  return Object.fromEntries(noted)
}

/** Reads the note of what is sealed in a stored event; empty where there is none. */
export function sealedPlacesIn({
  metadata,
}: Pick<RecordedEvent, 'metadata'>): readonly { subject: string; place: FieldPlace }[] {
  return Object.entries(noteIn(metadata)).flatMap(([subject, places]) =>
    Array.isArray(places) ? places.map((place: FieldPlace) => ({ subject, place })) : [],
  )
}

/** Whose personal data is in a stored event. */
export function subjectsIn({ metadata }: Pick<RecordedEvent, 'metadata'>): readonly string[] {
  return metadata['sealed'] === undefined ? none : Object.keys(noteIn(metadata))
}

const none: readonly string[] = []

function noteIn({ sealed }: EventMetadata): object {
  return typeof sealed === 'object' && sealed !== null && !Array.isArray(sealed) ? sealed : {}
}
