import type { AggregateDefinition, Constructor, Definition } from '@varve/core'
import { CommandOutcome } from './command-outcome.ts'
import { modelOf } from './bench.ts'
import { type CommandOptions, type CommandToSend, commandOf } from './command-to-send.ts'
import { flatten, type Given } from './given-event.ts'
import { AggregateStory } from './command-story.ts'
import { SpecificationError } from './specification-errors.ts'
import type { SpecificationOptions } from './specification-options.ts'
import { expectState, type ExpectedState } from './expected-state.ts'

/** What an aggregate of this kind does: from events of the past and a command to events. */
export interface AggregateSpecification<State> {
  /** Starts with the events an aggregate has, oldest first: each is written and read back before anything is decided. */
  given(this: void, ...events: readonly Given[]): GivenAggregate<State>
}

/** An aggregate with a past. */
export interface GivenAggregate<State> {
  /**
   * Sends a command.
   *
   * @param command Class or definition of the command, or an instance of its class.
   * @param payload The command's fields; left out with an instance.
   */
  when<Command extends object>(
    command: CommandToSend<Command>,
    payload?: Command,
    options?: CommandOptions,
  ): CommandOutcome<State>
  /** Expects the state the events fold into. */
  then(expected: { readonly state: ExpectedState<State> }): Promise<void>
}

/**
 * Specifies an aggregate by examples: `given(…events).when(command).then(…events)`. Each example has a log of its own in
 * memory, a clock that stands still and ids that are counted; every event goes through the codec.
 *
 * @param aggregate A decorated class, or what `defineAggregate` returns.
 * @throws {ConfigurationError} With every mistake in the definitions.
 */
export function specifyAggregate<State>(
  aggregate:
    (Constructor & (abstract new (...args: never[]) => State)) | AggregateDefinition<State>,
  options: SpecificationOptions = {},
): AggregateSpecification<State> {
  const subject = aggregate as Constructor | Definition
  const { definitions, model } = modelOf(subject, options)
  const definition = definitions.find(
    (one) => one === subject || (one.kind === 'aggregate' && one.class === subject),
  )
  if (definition?.kind !== 'aggregate') {
    const name = typeof subject === 'function' ? subject.name : `this ${subject.kind}`
    throw new SpecificationError(name, 'is no aggregate: name the aggregate itself.')
  }
  const facts = { model, definition, options }
  return {
    given: (...events) => givenAggregate(new AggregateStory<State>(facts, flatten(events), [])),
  }
}

function givenAggregate<State>(story: AggregateStory<State>): GivenAggregate<State> {
  return {
    when: (command, payload, options) =>
      new CommandOutcome(story.with(commandOf(command, payload, options))),
    then: async ({ state }) => {
      if ((state as unknown) === undefined)
        throw new SpecificationError(
          story.subject,
          'expects nothing of the state: pass { state }, some of its fields or a function.',
        )
      await expectState(story.subject, (await story.play()).state, state)
    },
  }
}
