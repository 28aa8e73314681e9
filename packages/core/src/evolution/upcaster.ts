import type { EventContext } from '../projection/event-context.ts'
import type { JsonObject } from '../serialization/json-value.ts'

/** Where an old event comes from: what an upcaster knows beyond its data. `type` is the name it is stored under. */
export interface UpcastContext extends EventContext {
  /** Version it is stored in. */
  readonly version: number
}

/** One of the events an old one has become, as JSON. */
export interface EventPart<Data extends object = object> {
  readonly type: string
  /** Version the data is in. Where that is old by now, its upcasters go on from there. */
  readonly version: number
  readonly data: Data
}

/**
 * Turns an event of one version into what it is in later ones. Works on JSON as it is stored: dates and bigints are
 * strings. Must depend on nothing but its arguments: the same event is read many times, everywhere.
 */
export interface Upcaster {
  /** Version it reads. */
  readonly version: number
  /** Types it may make; undefined: one event of the same type, in the next version. */
  readonly into: readonly string[] | undefined
  /** @param type Of the event, as declared now. */
  parts(this: void, data: JsonObject, context: UpcastContext, type: string): readonly EventPart[]
}

/** Makes upcasters, one for each version that needs one. */
export const upcast = {
  /**
   * Changes the data of a version to that of the next.
   *
   * @param version Version it reads, from 1.
   */
  from<Old extends object = JsonObject, New extends object = object>(
    version: number,
    change: (old: Old, context: UpcastContext) => New,
  ): Upcaster {
    return {
      version,
      into: undefined,
      parts: (data, context, type) => [
        { type, version: version + 1, data: change(data as unknown as Old, context) },
      ],
    }
  },

  /**
   * Makes several events of one, or one of another type, or none. They share its place in the log: revision, position
   * and id.
   *
   * @param version Version it reads, from 1.
   * @param into Types it may make, so that whoever asks for one of them gets the old event.
   */
  split<Old extends object = JsonObject>(
    version: number,
    into: readonly string[],
    parts: (old: Old, context: UpcastContext) => readonly EventPart[],
  ): Upcaster {
    return { version, into, parts: (data, context) => parts(data as unknown as Old, context) }
  },

  /**
   * Leaves events of a version out; those that are kept pass on to the next version as they are.
   *
   * @param version Version it reads, from 1.
   * @param isDropped Default: every event of the version is left out.
   */
  drop<Old extends object = JsonObject>(
    version: number,
    isDropped: (old: Old, context: UpcastContext) => boolean = () => true,
  ): Upcaster {
    return {
      version,
      into: undefined,
      parts: (data, context, type) =>
        isDropped(data as unknown as Old, context) ? [] : [{ type, version: version + 1, data }],
    }
  },
} as const
