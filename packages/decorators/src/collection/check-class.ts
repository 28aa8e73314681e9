import type { Constructor, Definition } from '@varve/core'
import { aggregateKey } from '../aggregate/aggregate.ts'
import { appliesKey } from '../aggregate/applies.ts'
import { handlesKey } from '../aggregate/handles.ts'
import { eventHandlerKey } from '../event-handler/event-handler.ts'
import { commandHandlerKey } from '../message/command-handler.ts'
import { commandKey } from '../message/command.ts'
import { eventKey } from '../message/event.ts'
import { queryHandlerKey } from '../message/query-handler.ts'
import {
  type MemberRecord,
  memberRecords,
  type MetadataKey,
  ownRecords,
} from '../metadata/metadata.ts'
import { onKey } from '../projection/on.ts'
import { projectionKey } from '../projection/projection.ts'
import { readModelKey } from '../read-model/read-model.ts'
import { className } from './class-name.ts'

const classKeys: readonly MetadataKey<unknown>[] = [
  aggregateKey,
  commandHandlerKey,
  commandKey,
  eventHandlerKey,
  eventKey,
  projectionKey,
  queryHandlerKey,
  readModelKey,
]

/** Checks that a listed class has the decorators its methods need, and any at all; returns the mistakes. */
export function checkDecorated(target: Constructor): readonly string[] {
  const name = className(target)
  const isDecorated = (key: MetadataKey<unknown>) => ownRecords(key, target).length > 0
  const deciding = [...memberRecords(handlesKey, target), ...memberRecords(appliesKey, target)]
  const projecting = memberRecords(onKey, target)
  const mistakes: string[] = []
  if (deciding.length > 0 && !isDecorated(aggregateKey))
    mistakes.push(
      `${name} has methods with @Handles or @Applies (${members(deciding)}), but no @Aggregate of its own. Put @Aggregate('<a category>') on the class.`,
    )
  if (projecting.length > 0 && !isDecorated(projectionKey) && !isDecorated(eventHandlerKey))
    mistakes.push(
      `${name} has methods with @On (${members(projecting)}), but no @Projection or @EventHandler of its own. Put @Projection('<a stable name>', { into: … }) or @EventHandler('<a stable name>', { delivery: … }) on the class.`,
    )
  // The compiler cannot know: of an event handler such a method is right.
  const late = projecting.filter(({ member }) => isAsync(target, member))
  if (late.length > 0 && isDecorated(projectionKey))
    mistakes.push(
      `${name} is a projection with async methods (${members(late)}), but a fold is done at once. Take "async" off, or make it an @EventHandler.`,
    )
  if (mistakes.length === 0 && !classKeys.some(isDecorated))
    mistakes.push(
      `${name} is among the definitions, but has no decorator of Varve of its own. Put one on the class, or take it off the list.`,
    )
  return mistakes
}

/** Checks that a listed command is handled by one of the definitions; returns the mistakes. */
export function checkHandled(
  commandClass: Constructor,
  definitions: readonly Definition[],
): readonly string[] {
  const handled = definitions.some((definition) => {
    if (definition.kind === 'command-handler')
      return definition.handling.command.class === commandClass
    if (definition.kind !== 'aggregate') return false
    return definition.commands.some(({ command }) => command.class === commandClass)
  })
  if (handled) return []
  return [
    `Command ${className(commandClass)} is among the definitions, but nothing there handles it. List the aggregate or the command handler, or take it off the list.`,
  ]
}

function isAsync(target: Constructor, member: string): boolean {
  const method = (target.prototype as Record<string, unknown>)[member]
  return typeof method === 'function' && method.constructor.name === 'AsyncFunction'
}

function members(records: readonly MemberRecord[]): string {
  return [...new Set(records.map(({ member }) => member))].join(', ')
}
