import {
  type AggregateDefinition,
  AggregateRoot,
  checkCategory,
  type Constructor,
  defineAggregateClass,
  isVarveError,
} from '@varve/core'
import { aggregateKey } from '../aggregate/aggregate.ts'
import { appliesKey } from '../aggregate/applies.ts'
import { handlesKey, type MessageMethodRecord } from '../aggregate/handles.ts'
import { memberRecords, ownRecords } from '../metadata/metadata.ts'
import { className } from './class-name.ts'
import { collectCommand } from './collect-command.ts'
import { collectEvent } from './collect-event.ts'
import type { Collection } from './collection.ts'

/** Makes an aggregate of a class, with its commands and events; undefined where it is none. */
export function collectAggregate(
  collection: Collection,
  aggregateClass: Constructor,
): AggregateDefinition | undefined {
  const known = collection.aggregates.get(aggregateClass)
  const records = ownRecords(aggregateKey, aggregateClass)
  const [record] = records
  if (known || !record) return known
  const name = className(aggregateClass)
  const category = collection.checkName('Aggregate', aggregateClass, records)
  checkClass(collection, aggregateClass)
  const handled = memberRecords(handlesKey, aggregateClass)
  const applied = memberRecords(appliesKey, aggregateClass)
  const definition = defineAggregateClass(aggregateClass as new () => AggregateRoot, {
    category: validCategory(collection, name, category),
    handles: firstOfEach(collection, `${name} handles`, handled).map(
      ({ message, member, options }) => [
        collectCommand(collection, message, `${name}.${member} handles`),
        member,
        options,
      ],
    ),
    applies: firstOfEach(collection, `${name} applies`, applied).map(({ message, member }) => [
      collectEvent(collection, message, `${name}.${member} applies`),
      member,
    ]),
    ...(record.snapshot && { snapshot: record.snapshot }),
    ...(record.cache !== undefined && { cache: record.cache }),
  }) as unknown as AggregateDefinition
  collection.aggregates.set(aggregateClass, definition)
  return definition
}

function checkClass(collection: Collection, aggregateClass: Constructor): void {
  const name = className(aggregateClass)
  if (!(aggregateClass.prototype instanceof AggregateRoot))
    collection.mistakes.push(
      `Aggregate ${name} does not extend AggregateRoot. Write "class ${name} extends AggregateRoot".`,
    )
  if (aggregateClass.length > 0)
    collection.mistakes.push(
      `The constructor of aggregate ${name} takes arguments, but aggregates are made without any. Inject into a class with @CommandHandler instead.`,
    )
}

function validCategory(collection: Collection, name: string, category: string): string {
  try {
    return checkCategory(category)
  } catch (error) {
    if (!isVarveError(error)) throw error
    collection.mistakes.push(`The category of aggregate ${name} is wrong. ${error.message}`)
    return name
  }
}

function firstOfEach<Record extends MessageMethodRecord>(
  collection: Collection,
  subject: string,
  records: readonly Record[],
): readonly Record[] {
  const first = new Map<unknown, Record>()
  for (const record of records) {
    const earlier = first.get(record.message)
    if (earlier)
      collection.mistakes.push(
        `${subject} ${className(record.message)} twice, in "${earlier.member}" and "${record.member}". Keep one of them.`,
      )
    else first.set(record.message, record)
  }
  return [...first.values()]
}
