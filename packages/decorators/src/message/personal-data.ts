import type { PersonalFieldOptions } from '@varve/core'
import { metadataKey, recordMember } from '../metadata/metadata.ts'

/** Records of {@link PersonalData}. */
export const personalDataKey = metadataKey<PersonalFieldOptions & { readonly member: string }>(
  'personal-data',
)

/**
 * Says that a field of an event holds data about a person: it is stored sealed with the person's key, and reads as a
 * placeholder once the person is forgotten. For fields of the class's body; nested ones, and those that the
 * constructor declares, are named in `@Event('…', { personal: { 'address.street': {} } })`.
 */
export function PersonalData(options: PersonalFieldOptions = {}) {
  return (prototype: object, member: string): void =>
    recordMember(personalDataKey, prototype, { ...options, member })
}
