import type { CommandResult } from '@varve/core'
import { type CommandOptions, type CommandToSend, commandOf } from './command-to-send.ts'
import type { AggregateEnd, AggregateStory } from './command-story.ts'
import { expectSame, failure } from './expectation.ts'
import { type ExpectedError, expectError, isErrorClass, nameOf } from './expected-error.ts'
import { type ExpectedState, expectState } from './expected-state.ts'
import { SpecificationError } from './specification-errors.ts'

/** What is expected of a command, by name. What is left out is not looked at, but a refusal fails in any case. */
export interface CommandExpectation<State> {
  /** What it records, oldest first. */
  readonly events?: readonly object[]
  /** The state afterwards; after a refusal too. */
  readonly state?: ExpectedState<State>
  /** That it is refused, and how. Nothing may be recorded then. */
  readonly error?: ExpectedError
  /** Some fields of its result. */
  readonly result?: Partial<CommandResult>
}

/** What {@link CommandOutcome.then} takes: events, one list of them, an error, or expectations by name. */
export type ExpectedOfCommand<State> =
  object | readonly object[] | ExpectedError | CommandExpectation<State>

/** A command at work on a given aggregate. Nothing runs before something is expected. */
export class CommandOutcome<State> {
  readonly #story: AggregateStory<State>

  constructor(story: AggregateStory<State>) {
    this.#story = story
  }

  /** Sends another command; the one before must succeed, and expectations are of the last one. */
  when<Command extends object>(
    command: CommandToSend<Command>,
    payload?: Command,
    options?: CommandOptions,
  ): CommandOutcome<State> {
    return new CommandOutcome(this.#story.with(commandOf(command, payload, options)))
  }

  /**
   * Expects what the command comes to.
   *
   * - Events, each an instance of its class: exactly these. None: nothing happens.
   * - A class of errors, or a regular expression: the command is refused with it.
   * - A plain object: `{ events, state, error, result }`, as far as they are named.
   *
   * @throws {AssertionError} It is otherwise.
   */
  async then(...expected: readonly ExpectedOfCommand<State>[]): Promise<void> {
    const [first] = expected
    const [resolve, reject] = expected
    if (isContinuation(resolve)) {
      const error = new SpecificationError(
        this.#story.subject,
        'was awaited without an expectation: end it with .then(…events) or .throws(…).',
      )
      if (isContinuation(reject)) reject(error)
      return
    }
    if (expected.length === 1 && (isErrorClass(first) || first instanceof RegExp))
      return this.throws(first)
    if (expected.length === 1 && isPlain(first))
      return this.#expect(checked(this.#story.subject, first))
    return this.#expect({ events: expected.flat() })
  }

  /**
   * Expects that the command is refused, and that nothing is recorded.
   *
   * @param expected The error's class, a pattern of its message, some of its fields; all of them hold.
   * @throws {AssertionError} It is carried out, or refused in another way.
   */
  async throws(...expected: readonly ExpectedError[]): Promise<void> {
    this.#checkRefused(await this.#story.play(), expected)
  }

  async #expect({ events, state, error, result }: CommandExpectation<State>): Promise<void> {
    const { subject } = this.#story
    const end = await this.#story.play()
    if (error) this.#checkRefused(end, [error])
    else if (end.outcome.isRefused)
      throw failure(
        `${subject} was refused with ${nameOf(end.outcome.error)}`,
        { actual: nameOf(end.outcome.error), expected: events && this.#story.show(events) },
        end.outcome.error,
      )
    if (events)
      expectSame(`What ${subject} records`, {
        actual: end.events,
        expected: this.#story.show(events),
      })
    if (state !== undefined) await expectState(subject, end.state, state)
    if (result && !end.outcome.isRefused) {
      const found = end.outcome.value as unknown as Readonly<Record<string, unknown>>
      const actual = Object.fromEntries(Object.keys(result).map((name) => [name, found[name]]))
      expectSame(`The result of ${subject}`, { actual, expected: result })
    }
  }

  #checkRefused(
    { outcome, events }: AggregateEnd<State>,
    expected: readonly ExpectedError[],
  ): void {
    const { subject } = this.#story
    if (!outcome.isRefused)
      throw failure(`${subject} was expected to be refused, but was carried out.`, {
        actual: events,
        expected,
      })
    expectError(subject, outcome.error, expected)
    expectSame(`What ${subject} records in spite of being refused`, {
      actual: events,
      expected: [],
    })
  }
}

type Continuation = (value: unknown) => void

/** What `await` hands over: a function the runtime made, which no class and no test is. */
function isContinuation(value: unknown): value is Continuation {
  return typeof value === 'function' && !('prototype' in value)
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  return Object.getPrototypeOf(value) === Object.prototype
}

const names = ['events', 'state', 'error', 'result']

function checked<State>(
  subject: string,
  expected: Readonly<Record<string, unknown>>,
): CommandExpectation<State> {
  const found = Object.keys(expected)
  const unknown = found.filter((name) => !names.includes(name))
  if (found.length > 0 && unknown.length === 0) return expected
  throw new SpecificationError(
    subject,
    `expects a plain object with ${found.length === 0 ? 'nothing in it' : found.map((name) => `"${name}"`).join(', ')}. An event is an instance of its class; other expectations are named ${names.join(', ')}.`,
  )
}
