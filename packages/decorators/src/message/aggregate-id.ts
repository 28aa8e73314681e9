import { type MemberRecord, metadataKey, recordMember } from '../metadata/metadata.ts'

/** Records of {@link AggregateId}. */
export const aggregateIdKey = metadataKey<MemberRecord>('aggregate-id')

/** Marks the property of a command that names the aggregate it is for. A string; inherited by subclasses. */
export function AggregateId() {
  return <Property extends string>(target: Record<Property, string>, property: Property): void =>
    recordMember(aggregateIdKey, target, { member: property })
}
