import { casesOf, type ContractCase } from '@varve/testing'

/** A store with one fault, and the case that must notice it. */
export interface BrokenStore<Store> {
  /** What it does wrong. */
  readonly fault: string
  /** `<method> <name>` of a case that fails on it; others may fail too. */
  readonly caughtBy: string
  /** What it does instead of a good store. */
  readonly breaks: (store: Store) => Partial<Store>
}

/** Replaces some methods of a store. */
export function withFault<Store extends object>(
  store: Store,
  { breaks }: BrokenStore<Store>,
): Store {
  const faults = breaks(store)
  return new Proxy(store, {
    get: (target, name) => {
      if (Object.hasOwn(faults, name)) return faults[name as keyof Store]
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? (member.bind(target) as unknown) : member
    },
  })
}

/** Runs a suite, each case on a store of its own, and names the cases that fail. */
export async function failingCases<Subject>(
  suite: Readonly<Record<string, readonly ContractCase<Subject>[]>>,
  subject: () => Promise<Subject>,
): Promise<readonly string[]> {
  const results = await Promise.all(
    casesOf(suite).map(async ({ method, name, run }) =>
      run(await subject()).then(
        () => [],
        () => [`${method} ${name}`],
      ),
    ),
  )
  return results.flat()
}
