import type {
  Constructor,
  Definition,
  PointInTime,
  ProjectionDefinition,
  Query,
  ReadModelDefinition,
  ReadModelDocument,
  ResultOf,
} from '@varve/core'
import { definitionsOf } from '@varve/core'
import { modelOf } from './bench.ts'
import { type ExpectedError, expectError } from './expected-error.ts'
import { expectSame, failure } from './expectation.ts'
import { flatten, type Given } from './given-event.ts'
import { outcomeOf } from './outcome.ts'
import { ProjectionStory } from './projection-story.ts'
import { QueryOutcome } from './query-outcome.ts'
import { SpecificationError } from './specification-errors.ts'
import type { SpecificationOptions } from './specification-options.ts'

/** What a projection of this kind does: from events to documents. */
export interface ProjectionSpecification {
  /**
   * Starts with the events of a log, in its order. The first has position 0, the second position 1, and so on. Say
   * with {@link eventsOf} which aggregates they belong to.
   */
  given(this: void, ...events: readonly Given[]): GivenEvents
}

/** A document that is expected, of whatever class. */
export type ExpectedDocument =
  ReadModelDocument | (ReadModelDocument & Readonly<Record<string, unknown>>)

/** A projection with a log to fold. */
export interface GivenEvents {
  /** Looks at one of several read models. */
  into(model: Constructor<ReadModelDocument> | ReadModelDefinition): GivenEvents
  /** Looks at the read model as it was, as a query would see it: by its history where it keeps one. */
  asOf(point: Exclude<PointInTime, { readonly revision: bigint }>): GivenEvents
  /** Asks a query; its handler is among the definitions of the specification. */
  when<Q extends Query<unknown>>(query: Q): QueryOutcome<ResultOf<Q>>
  /**
   * Expects exactly these documents, in any order; they are compared as a query finds them.
   *
   * @throws {AssertionError} They are others.
   */
  then(...documents: readonly (ExpectedDocument | readonly ExpectedDocument[])[]): Promise<void>
  /**
   * Expects that an event cannot be applied.
   *
   * @param expected The error's class, a pattern of its message, some of its fields; all of them hold.
   */
  throws(...expected: readonly ExpectedError[]): Promise<void>
}

/**
 * Specifies a projection by examples: `given(…events).then(…documents)`. Events go through the codec and one after the other
 * into documents that are stored in between.
 *
 * @param projection A decorated class, or what `defineProjection` returns.
 * @throws {ConfigurationError} With every mistake in the definitions.
 */
export function specifyProjection(
  projection: Constructor | ProjectionDefinition,
  options: SpecificationOptions = {},
): ProjectionSpecification {
  const subject: Constructor | Definition = projection
  const { definitions, model } = modelOf(subject, options)
  const definition =
    typeof subject === 'function'
      ? nameOfProjection(subject, definitions)
      : definitions.find((one) => one === subject)
  if (definition?.kind !== 'projection') {
    const name = typeof subject === 'function' ? subject.name : `this ${subject.kind}`
    throw new SpecificationError(name, 'is no projection: name the projection itself.')
  }
  const facts = { model, definition, options }
  return { given: (...events) => givenEvents(new ProjectionStory(facts, flatten(events))) }
}

/** A projection does not name its class, but is the first that is made of it alone. */
function nameOfProjection(
  subject: Constructor,
  definitions: readonly Definition[],
): Definition | undefined {
  const [own] = definitionsOf([subject])
  if (own?.kind !== 'projection') return undefined
  return definitions.find((one) => one.kind === 'projection' && one.name === own.name)
}

function givenEvents(story: ProjectionStory): GivenEvents {
  return {
    into: (model) => givenEvents(story.into(model)),
    asOf: (point) => givenEvents(story.asOf(point)),
    when: (query) => new QueryOutcome(story, query),
    then: async (...documents) => {
      const expected = documents.flat() as readonly ReadModelDocument[]
      expectSame(`What ${story.subject} builds`, {
        actual: byId(await story.documents()),
        expected: byId(expected),
      })
    },
    throws: async (...expected) => {
      const outcome = await outcomeOf(() => story.documents())
      if (!outcome.isRefused)
        throw failure(`${story.subject} was expected to fail, but built its documents.`, {
          actual: outcome.value,
          expected,
        })
      const { error } = outcome
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
      expectError(story.subject, cause, expected)
    },
  }
}

function byId(documents: readonly ReadModelDocument[]): readonly ReadModelDocument[] {
  return documents.toSorted((one, other) => (one._id < other._id ? -1 : 1))
}
