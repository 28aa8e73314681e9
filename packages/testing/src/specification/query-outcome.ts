import type { Query } from '@varve/core'
import { expectSame, failure } from './expectation.ts'
import { type ExpectedError, expectError } from './expected-error.ts'
import { outcomeOf } from './outcome.ts'
import type { ProjectionStory } from './projection-story.ts'

/** A query at work on given events. Nothing runs before something is expected. */
export class QueryOutcome<Result> {
  readonly #story: ProjectionStory
  readonly #query: Query<unknown>

  constructor(story: ProjectionStory, query: Query<unknown>) {
    this.#story = story
    this.#query = query
  }

  /**
   * Expects what the handler answers.
   *
   * @throws {AssertionError} It answers something else.
   */
  async then(expected: Result): Promise<void> {
    const actual = await this.#story.answer(this.#query)
    expectSame(`The answer to ${this.#query.constructor.name}`, { actual, expected })
  }

  /** Expects that the handler refuses to answer. */
  async throws(...expected: readonly ExpectedError[]): Promise<void> {
    const { name } = this.#query.constructor
    const outcome = await outcomeOf<unknown>(() => this.#story.answer(this.#query))
    if (!outcome.isRefused)
      throw failure(`${name} was expected to be refused, but was answered.`, {
        actual: outcome.value,
        expected,
      })
    expectError(name, outcome.error, expected)
  }
}
