import type { Constructor, Definition, HandlerResolver, MessageValidator } from '@varve/core'

/** What a specification may need beside its subject. */
export interface SpecificationOptions {
  /** What the subject works with: command handlers of an aggregate, query handlers of a projection, events. */
  readonly definitions?: readonly (Constructor | Definition)[]
  /** Id of the aggregate, where no command and no given event names it. Default `1`. */
  readonly aggregateId?: string
  /** Where the virtual clock stands at first. Default: the first of January 2024. */
  readonly start?: Date
  /** Checks commands before they are decided. Default: nothing is checked but that they are objects. */
  readonly validator?: MessageValidator
  /** Resolves handlers and what they inject. Default: handlers are made without arguments. */
  readonly resolver?: HandlerResolver
}
