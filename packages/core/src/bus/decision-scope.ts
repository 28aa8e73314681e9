import { AsyncLocalStorage } from 'node:async_hooks'
import { isPromiseLike } from '../aggregate/asynchronous.ts'

/** A decision under way. */
export interface DecisionScope {
  readonly commandType: string
  readonly stream: string
  isOver: boolean
}

const followed = new AsyncLocalStorage<DecisionScope>()
/** Handlers that were done when their call returned. */
const immediate = new WeakSet<object>()
let called: DecisionScope | undefined
let underWay = 0
let isFollowing = false

/**
 * Runs a decision, so that a command sent from within can be told from others: it would wait for itself.
 *
 * Following what a handler does after its call returned slows down every promise of the process. So handlers that were
 * done at once the first time are not followed, only their calls are looked at, and nothing is followed when no
 * decision goes on.
 */
export function decideWithin<Result>(
  scope: DecisionScope,
  handler: object,
  decide: () => Result | PromiseLike<Result>,
): Result | Promise<Result> {
  const outer = called
  called = scope
  try {
    const isFollowed = !immediate.has(handler)
    isFollowing ||= isFollowed
    const result = isFollowed ? followed.run(scope, decide) : decide()
    if (isPromiseLike(result)) return untilOver(scope, handler, result)
    if (isFollowed) immediate.add(handler)
    return result
  } finally {
    called = outer
    if (underWay === 0) stopFollowing()
  }
}

/** The decision that whatever runs now is a part of. */
export function decisionUnderWay(): DecisionScope | undefined {
  const scope = called ?? (underWay > 0 ? followed.getStore() : undefined)
  return scope?.isOver === false ? scope : undefined
}

async function untilOver<Result>(
  scope: DecisionScope,
  handler: object,
  deciding: PromiseLike<Result>,
): Promise<Result> {
  immediate.delete(handler)
  underWay += 1
  try {
    return await deciding
  } finally {
    scope.isOver = true
    underWay -= 1
    if (underWay === 0) stopFollowing()
  }
}

function stopFollowing(): void {
  if (!isFollowing) return
  isFollowing = false
  followed.disable()
}
