import type { RecordedEvent } from '../event-store/recorded-event.ts'
import type { EventCodec } from './event-codec.ts'

/**
 * Decodes what a recorded event stands for: itself, or what its upcasters make of it.
 *
 * @throws What {@link EventCodec.upcast} and {@link EventCodec.decode} throw.
 */
export function decodeAll(codec: EventCodec, event: RecordedEvent): readonly object[] {
  return codec.upcast(event)?.map((part) => codec.decode(part)) ?? [codec.decode(event)]
}
