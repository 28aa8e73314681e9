import {
  type CommandDefinition,
  type Constructor,
  defineCommand,
  InvalidMessageError,
} from '@varve/core'
import { commandKey } from '../message/command.ts'
import { ownRecords } from '../metadata/metadata.ts'
import { aggregateIdPropertiesOf } from '../metadata/stable-names.ts'
import { className } from './class-name.ts'
import type { Collection } from './collection.ts'

/**
 * Makes a command of a class.
 *
 * @param use Who names the class, as the beginning of a sentence: `Account.deposit handles`.
 */
export function collectCommand(
  collection: Collection,
  commandClass: Constructor,
  use: string,
): CommandDefinition {
  const known = collection.commands.get(commandClass)
  if (known && !collection.standIns.has(known)) return known
  const records = ownRecords(commandKey, commandClass)
  if (records.length === 0) {
    collection.mistakes.push(
      `${use} ${className(commandClass)}, which is no command. Put @Command('<a stable type>') on the class.`,
    )
    return known ?? standIn(collection, commandClass)
  }
  const type = collection.checkName('Command', commandClass, records)
  const property = checkAggregateId(collection, commandClass)
  const command = defineCommand(type, {
    class: commandClass,
    aggregateId: (message) => readAggregateId(type, property, message),
  })
  collection.commands.set(commandClass, command)
  return command
}

function checkAggregateId(collection: Collection, commandClass: Constructor): string {
  const properties = aggregateIdPropertiesOf(commandClass)
  const [property = ''] = properties
  const name = className(commandClass)
  if (properties.length === 0)
    collection.mistakes.push(
      `Command ${name} does not say which aggregate it is for. Put @AggregateId() on one of its properties.`,
    )
  if (properties.length > 1)
    collection.mistakes.push(
      `Command ${name} has ${properties.length} properties with @AggregateId(), ${properties.join(' and ')}. Keep one of them.`,
    )
  return property
}

function readAggregateId(type: string, property: string, message: object): string {
  const id = (message as Record<string, unknown>)[property]
  if (typeof id === 'string' && id !== '') return id
  throw new InvalidMessageError(type, [
    {
      path: property,
      rule: 'aggregateId',
      message: `${property} names the aggregate and must be a string that is not empty`,
    },
  ])
}

function standIn(collection: Collection, found: Constructor): CommandDefinition {
  const command = defineCommand(className(found), { class: found, aggregateId: () => '' })
  collection.commands.set(found, command)
  collection.standIns.add(command)
  return command
}
