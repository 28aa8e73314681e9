import type { JsonObject } from '../serialization/json-value.ts'

/** Writes an event the way a version before it was, for consumers that know no later one. */
export interface Downcaster {
  /** Version it writes; it reads the one after that. */
  readonly version: number
  /** Name the event had in that version; undefined: the one it has. */
  readonly type: string | undefined
  data(this: void, data: JsonObject): object
}

/** Makes downcasters, one for each version that is still written. */
export const downcast = {
  /**
   * Changes the data of the version after `version` to that of `version`.
   *
   * @param version Version it writes, from 1.
   */
  to<New extends object = JsonObject, Old extends object = object>(
    version: number,
    change: (data: New) => Old,
    options: {
      /** Name the event had in that version. Default: the one it has. */
      readonly type?: string
    } = {},
  ): Downcaster {
    return { version, type: options.type, data: (data) => change(data as unknown as New) }
  },
} as const
