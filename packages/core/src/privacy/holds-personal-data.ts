import type { EventDefinition } from '../message/event-definition.ts'

/** Tells whether something that handles events gets personal data with them. */
export function holdsPersonalData(
  handled: readonly { readonly event: EventDefinition }[],
): boolean {
  return handled.some(({ event }) => Object.keys(event.personal).length > 0)
}
