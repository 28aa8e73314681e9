/** What a piece of work came to. */
export type Outcome<Value> =
  | { readonly isRefused: false; readonly value: Value }
  | { readonly isRefused: true; readonly error: unknown }

/** Does the work and keeps what it throws. */
export async function outcomeOf<Value>(work: () => Promise<Value>): Promise<Outcome<Value>> {
  try {
    return { isRefused: false, value: await work() }
  } catch (error) {
    return { isRefused: true, error }
  }
}
