import { VarveError } from '../varve-error.ts'

declare const streamNameBrand: unique symbol

/** Name of a stream: `<category>-<id>`. The first `-` separates. */
export type StreamName = string & { readonly [streamNameBrand]: true }

/** A category or id cannot be part of a stream name. */
export class InvalidStreamNameError extends VarveError {
  readonly code = 'INVALID_STREAM_NAME'
  constructor(
    readonly found: string,
    reason: string,
  ) {
    super(`"${found}" cannot name a stream: ${reason}.`)
  }
}

/**
 * Builds the stream name of one aggregate.
 *
 * @param category Not empty, without `-`, not starting with `$`.
 * @param id Not empty. What is no string comes from an unchecked payload and is refused too.
 * @throws {InvalidStreamNameError}
 */
export function streamName(category: string, id: string): StreamName {
  if (id === '') throw new InvalidStreamNameError(`${category}-`, 'the id is empty')
  const found: unknown = id
  if (typeof found !== 'string')
    throw new InvalidStreamNameError(`${category}-${String(found)}`, 'the id is no string')
  return `${checkCategory(category)}-${id}` as StreamName
}

/**
 * Checks a category.
 *
 * @throws {InvalidStreamNameError} It is empty, has a `-`, or starts with `$`.
 */
export function checkCategory(category: string): string {
  if (category === '') throw new InvalidStreamNameError(category, 'the category is empty')
  if (category.startsWith('$'))
    throw new InvalidStreamNameError(category, 'names with a leading "$" belong to the server')
  if (category.includes('-'))
    throw new InvalidStreamNameError(category, 'a category ends at the first "-", so it has none')
  return category
}

/** Takes the name of an existing stream as it is. */
export function toStreamName(name: string): StreamName {
  if (name === '') throw new InvalidStreamNameError(name, 'it is empty')
  return name as StreamName
}

/** Everything before the first `-`; the whole name where there is none. */
export function categoryOf(stream: StreamName): string {
  const dash = stream.indexOf('-')
  return dash < 0 ? stream : stream.slice(0, dash)
}

/** Everything after the first `-`; the whole name where there is none. */
export function aggregateIdOf(stream: StreamName): string {
  return stream.slice(stream.indexOf('-') + 1)
}
