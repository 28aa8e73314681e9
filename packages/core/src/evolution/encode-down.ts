import type { EventDefinition } from '../message/event-definition.ts'
import type { EncodedEvent } from '../serialization/event-codec.ts'
import { toJson } from '../serialization/to-json.ts'
import { DowncastError } from './evolution-errors.ts'

/**
 * Writes an encoded event the way an older version was.
 *
 * @throws {DowncastError} There are no downcasters to that version, or one failed.
 */
export function encodeDown(
  event: EncodedEvent,
  { type, version, downcasters }: EventDefinition,
  wanted: number,
): EncodedEvent {
  let encoded = event
  for (let to = version - 1; to >= wanted; to -= 1) {
    const downcaster = downcasters.find((one) => one.version === to)
    if (!downcaster)
      throw new DowncastError(type, wanted, `there is no downcaster to version ${to}. Add one.`)
    try {
      const data: unknown = downcaster.data(encoded.data)
      if (typeof data !== 'object' || data === null)
        throw new DowncastError(type, wanted, `the downcaster to ${to} gave no object.`)
      encoded = {
        type: downcaster.type ?? encoded.type,
        data: toJson(`Event "${type}" in version ${to}`, data, {}),
        schemaVersion: to,
      }
    } catch (cause) {
      if (cause instanceof DowncastError) throw cause
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new DowncastError(type, wanted, `the downcaster to ${to} failed: ${reason}`, { cause })
    }
  }
  if (encoded.schemaVersion !== wanted)
    throw new DowncastError(
      type,
      wanted,
      `its version is ${version}. Ask for that or an older one.`,
    )
  return encoded
}
