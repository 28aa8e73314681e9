import { VarveError } from '../varve-error.ts'

/** The definitions contradict each other. Lists every mistake; nothing was started. */
export class ConfigurationError extends VarveError {
  readonly code = 'CONFIGURATION'
  constructor(readonly mistakes: readonly string[]) {
    const count = mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`
    super(
      `The application has ${count}:\n${mistakes.map((mistake) => `  - ${mistake}`).join('\n')}`,
    )
  }
}
