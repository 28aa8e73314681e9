import type { Constructor } from '../message/constructor.ts'
import type { Definition } from './application-model.ts'
import { ConfigurationError } from './configuration-error.ts'

/** Makes definitions of classes; definitions in the list are passed on as they are. */
export type DefinitionCollector = (listed: readonly (Constructor | Definition)[]) => {
  readonly definitions: readonly Definition[]
  readonly mistakes: readonly string[]
}

/**
 * Property of a class that stands for definitions: what makes them of it, and of all that are listed with it.
 * Decorators put it there, so that tools take decorated classes without knowing decorators.
 */
export const definitionCollector: unique symbol = Symbol.for('@varve/definition-collector')

/**
 * Turns classes that stand for definitions into those; definitions are passed on as they are.
 *
 * @throws {ConfigurationError} A class stands for none, or for a wrong one.
 */
export function definitionsOf(
  listed: readonly (Constructor | Definition)[],
): readonly Definition[] {
  const classes = listed.filter((one) => typeof one === 'function')
  const collectors = classes.map(collectorOf)
  const strangers = classes.filter((_, index) => !collectors[index])
  if (strangers.length > 0)
    throw new ConfigurationError(
      strangers.map(
        ({ name }) =>
          `${name} has no decorator of Varve. Put one on the class, or list a definition made with defineAggregate, defineProjection and the like.`,
      ),
    )
  const [collect = withoutClasses] = collectors
  const { definitions, mistakes } = collect(listed)
  if (mistakes.length > 0) throw new ConfigurationError(mistakes)
  return definitions
}

function collectorOf(target: Constructor): DefinitionCollector | undefined {
  return (target as { readonly [definitionCollector]?: DefinitionCollector })[definitionCollector]
}

const withoutClasses: DefinitionCollector = (listed) => ({
  definitions: listed.filter((one) => typeof one === 'object'),
  mistakes: [],
})
