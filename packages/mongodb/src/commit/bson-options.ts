/**
 * How documents are written: what is undefined is left out, as it would be in JSON.
 * `forceServerObjectId` only keeps the driver from looking for an `_id` to add; every document has one.
 */
export const writeOptions = {
  ignoreUndefined: true,
  serializeFunctions: false,
  forceServerObjectId: true,
} as const

/**
 * How documents are read where they must come back as they went in: JavaScript numbers are stored as int32 or
 * double and only bigints as int64, so reading int64 as bigint gives both back.
 */
export const exactTypes = {
  useBigInt64: true,
  promoteLongs: true,
  promoteValues: true,
  promoteBuffers: false,
} as const
