import {
  type Constructor,
  defineEventHandler,
  type EventHandlerContext,
  type EventHandlerDefinition,
  type Reaction,
} from '@varve/core'
import { eventHandlerKey } from '../event-handler/event-handler.ts'
import { memberRecords, ownRecords } from '../metadata/metadata.ts'
import { onKey, type OnRecord } from '../projection/on.ts'
import { projectionKey } from '../projection/projection.ts'
import { className } from './class-name.ts'
import { collectEvent } from './collect-event.ts'
import type { Collection } from './collection.ts'

type Methods = Record<string, (event: object, context: EventHandlerContext) => unknown>

/** Makes an event handler of a class, with its events; undefined where it is none. */
export function collectEventHandler(
  collection: Collection,
  handlerClass: Constructor,
): EventHandlerDefinition | undefined {
  const records = ownRecords(eventHandlerKey, handlerClass)
  const [record] = records
  if (!record) return undefined
  const { name: _, ...settings } = record
  const name = className(handlerClass)
  if (ownRecords(projectionKey, handlerClass).length > 0)
    collection.mistakes.push(
      `${name} has both @Projection and @EventHandler. Make it two classes: one folds events, the other acts on them.`,
    )
  return defineEventHandler(collection.checkName('Event handler', handlerClass, records), {
    ...settings,
    handlers: memberRecords(onKey, handlerClass).map((on) =>
      reactionOf(collection, handlerClass, on),
    ),
  })
}

function reactionOf(collection: Collection, handlerClass: Constructor, on: OnRecord): Reaction {
  const name = className(handlerClass)
  const { event, member, ...options } = on
  if (Object.values(options).some((option) => option !== undefined))
    collection.mistakes.push(
      `${name}.${member} is on ${className(event)} with options of a projection, but ${name} is an event handler. Write @On(${className(event)}).`,
    )
  return {
    event: collectEvent(collection, event, `${name}.${member} is on`),
    prepare: (scope) => scope.resolve(handlerClass),
    handle: (happened, context, scope) =>
      (scope.resolve(handlerClass) as Methods)[member]?.(happened, context),
  }
}
