import { type Compatibility, type Incompatibility, VarveError } from '@varve/core'

/** Two sets of schemas do not go together. */
export class IncompatibleSchemasError extends VarveError {
  readonly code = 'INCOMPATIBLE_SCHEMAS'
  constructor(
    mode: Compatibility,
    readonly found: readonly Incompatibility[],
  ) {
    const list = found.map(
      ({ type, direction, path, message }) =>
        `  - ${type}${path === '' ? '' : `, ${path}`} (${direction}): ${message}`,
    )
    super(
      `The schemas do not go together (${mode}):\n${list.join('\n')}\nRaise the version of these events and add an upcaster, or a downcaster for forward.`,
    )
  }
}

/** A module exports no definitions. */
export class NoDefinitionsError extends VarveError {
  readonly code = 'NO_DEFINITIONS'
  constructor(readonly path: string) {
    super(
      `${path} does not export "definitions": expected the list that createApplication gets. Export it.`,
    )
  }
}
