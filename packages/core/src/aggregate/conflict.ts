/** What happened to a command that lost against other writers. */
export interface Conflict<State = unknown, Command extends object = object> {
  readonly command: Command
  /** The events it had decided on, which are not stored. */
  readonly decided: readonly object[]
  /** The events others stored since, which the decision did not know. Oldest first. */
  readonly unseen: readonly object[]
  /** The state with the unseen events in it. To be read only. */
  readonly state: State
}

/**
 * What to do about a conflict: `'retry'` decides again on the new state, `'fail'` gives up with a
 * {@link ConcurrencyError}; events are stored in the place of the decided ones, which may be among them.
 */
export type ConflictAnswer = 'retry' | 'fail' | readonly object[]

/** Settles a conflict by looking at what others did. Called again where others are faster once more. */
export type MergeConflict<State, Command extends object> = (
  conflict: Conflict<State, Command>,
) => ConflictAnswer

/** What a command does when other writers were faster. Default `'retry'`. */
export type ConflictPolicy<State, Command extends object> =
  'retry' | 'fail' | MergeConflict<State, Command>

/** What of a policy a command handling carries. */
export interface ConflictHandling<State> {
  /** As {@link MergeConflict}; left out: `'retry'`. A method, so that definitions of every state fit in one list. */
  onConflict?(this: void, conflict: Conflict<State>): ConflictAnswer
}

/** Makes the handling of a policy. */
export function conflictHandling<State, Command extends object>(
  policy: ConflictPolicy<State, Command> = 'retry',
): ConflictHandling<State> {
  if (policy === 'retry') return {}
  if (policy === 'fail') return { onConflict: () => 'fail' }
  return { onConflict: (conflict) => policy(conflict as Conflict<State, Command>) }
}
