/** One promise of a port, as runner-free code. */
export interface ContractCase<Subject> {
  /** What the port does, as a sentence. */
  readonly name: string
  /** Rejects where the promise is broken. Runs beside other cases and beside data that was there before. */
  readonly run: (subject: Subject) => Promise<void>
}

/** The promises of a port, by method: a method without a case does not compile. */
export type ContractSuite<Port, Subject> = Record<keyof Port, readonly ContractCase<Subject>[]>

/** A case and the method it is about. */
export interface NamedCase<Subject> extends ContractCase<Subject> {
  readonly method: string
}

/** Lists the cases of a suite, in order. */
export function casesOf<Subject>(
  suite: Readonly<Record<string, readonly ContractCase<Subject>[]>>,
): readonly NamedCase<Subject>[] {
  return Object.entries(suite).flatMap(([method, cases]) =>
    cases.map(({ name, run }) => ({ method, name, run })),
  )
}
