/** Whether a value is a promise, of whichever make. */
export function isPromiseLike<Value>(
  value: Value | PromiseLike<Value>,
): value is PromiseLike<Value> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

/** Goes on with what a call returns, at once where it is no promise. What the call throws is a rejection in any case. */
export function after<Result, Next extends object>(
  call: () => Result | PromiseLike<Result>,
  next: (result: Result) => Next | Promise<Next>,
): Next | Promise<Next> {
  try {
    const result = call()
    return isPromiseLike(result) ? Promise.resolve(result).then(next) : next(result)
  } catch (error) {
    return refuse(error)
  }
}

async function refuse(error: unknown): Promise<never> {
  throw error
}
