import type {
  AggregateDefinition,
  CommandDefinition,
  EventDefinition,
  ReadModelDefinition,
} from '@varve/core'
import { className } from './class-name.ts'

/**
 * What was made of classes so far, and the mistakes found in them.
 *
 * A class becomes one definition, whoever names it. Where a class is wrong, a definition that stands in for the right one
 * is made all the same, so that one mistake is not followed by others that only come from it.
 */
export class Collection {
  readonly mistakes: string[] = []
  readonly events = new Map<unknown, EventDefinition>()
  readonly commands = new Map<unknown, CommandDefinition>()
  readonly aggregates = new Map<unknown, AggregateDefinition>()
  readonly readModels = new Map<unknown, ReadModelDefinition>()
  /** Definitions of classes that are none, made so that what names them can still be made. */
  readonly standIns = new Set<object>()

  /** Returns the name a class was given, or one that stands in for it. */
  checkName(subject: string, target: unknown, records: readonly { readonly name: string }[]) {
    const names = [...new Set(records.map(({ name }) => name))]
    const [name = ''] = names
    if (names.length > 1)
      this.mistakes.push(
        `${subject} ${className(target)} has ${names.length} names, ${listed(names)}. Keep one of them.`,
      )
    if (typeof name === 'string' && name.trim() !== '') return name
    this.mistakes.push(
      `${subject} ${className(target)} has an empty name. Give it a stable one, which must not change when the class is renamed.`,
    )
    return className(target)
  }

  /** Checks the version of a schema, where one is given. */
  checkVersion(subject: string, target: unknown, version = 1): void {
    if (Number.isInteger(version) && version > 0) return
    this.mistakes.push(
      `${subject} ${className(target)} has version ${version}. Give it a whole number from 1.`,
    )
  }

  /** Checks that a handler class has the method that is called. */
  checkExecute(target: unknown): void {
    const { prototype } = target as { prototype: { execute?: unknown } }
    if (typeof prototype.execute === 'function') return
    this.mistakes.push(`${className(target)} has no method "execute", which is what is called.`)
  }
}

function listed(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(' and ')
}
