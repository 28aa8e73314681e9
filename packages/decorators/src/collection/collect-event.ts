import { type Constructor, defineEvent, type EventDefinition } from '@varve/core'
import { eventKey } from '../message/event.ts'
import { personalDataKey } from '../message/personal-data.ts'
import { memberRecords, ownRecords } from '../metadata/metadata.ts'
import { className, isClass } from './class-name.ts'
import type { Collection } from './collection.ts'

/**
 * Makes an event of a class.
 *
 * @param use Who names the class, as the beginning of a sentence: `Account.deposited applies`.
 */
export function collectEvent(
  collection: Collection,
  eventClass: Constructor,
  use: string,
): EventDefinition {
  const known = collection.events.get(eventClass)
  if (known && !collection.standIns.has(known)) return known
  const records = ownRecords(eventKey, eventClass)
  const [record] = records
  if (!record) {
    collection.mistakes.push(
      `${use} ${className(eventClass)}, which is no event. Put @Event('<a stable type>') on the class.`,
    )
    return known ?? standIn(collection, eventClass)
  }
  collection.checkVersion('Event', eventClass, record.version)
  const { name: _, ...options } = record
  const name = collection.checkName('Event', eventClass, records)
  const marked = memberRecords(personalDataKey, eventClass).map(
    ({ member, ...field }) => [member, field] as const,
  )
  const personal = { ...Object.fromEntries(marked), ...options.personal }
  const event = defineEvent(name, { ...options, personal, class: eventClass })
  collection.events.set(eventClass, event)
  return event
}

function standIn(collection: Collection, found: unknown): EventDefinition {
  const event = defineEvent(className(found), { class: isClass(found) ? found : Object })
  collection.events.set(found, event)
  collection.standIns.add(event)
  return event
}
