import { AsyncLocalStorage } from 'node:async_hooks'

/** A decision under way. */
export interface DecisionScope {
  readonly commandType: string
  readonly stream: string
  isOver: boolean
}

const scopes = new AsyncLocalStorage<DecisionScope>()
let current: DecisionScope | undefined

/**
 * Runs a decision, so that a command sent from within can be told from others.
 *
 * Following what a handler does after its call returned slows down every promise of the process, so this is done only
 * where handlers are asynchronous. Of others, the call itself is looked at.
 */
export function decideWithin<Result>(
  scope: DecisionScope,
  isAsync: boolean,
  decide: () => Result,
): Result {
  const outer = current
  current = scope
  try {
    return isAsync ? scopes.run(scope, decide) : decide()
  } finally {
    current = outer
  }
}

/** The decision that whatever runs now is a part of. */
export function decisionUnderWay(): DecisionScope | undefined {
  const scope = current ?? scopes.getStore()
  return scope?.isOver === false ? scope : undefined
}
