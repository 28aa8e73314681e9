// What isVarveError of @varve/core looks for, which this package does without.
const brand = Symbol.for('@varve/error')

/** The data file of the development servers is open in another process. */
export class DataFileInUseError extends Error {
  readonly code = 'LOCAL_DATA_FILE_IN_USE'
  constructor(
    readonly path: string,
    options?: ErrorOptions,
  ) {
    super(
      `The data file "${path}" is in use by another process. Stop that process, connect to its servers by URL, or choose another data folder.`,
      options,
    )
  }
  override get name(): string {
    return 'DataFileInUseError'
  }
  get [brand](): true {
    return true
  }
}

/** The data file of the development servers could not be opened or written. */
export class StorageFailedError extends Error {
  readonly code = 'LOCAL_STORAGE_FAILED'
  constructor(
    readonly path: string,
    options?: ErrorOptions,
  ) {
    const reason = options?.cause instanceof Error ? options.cause.message : 'it is closed'
    super(`The data file "${path}" takes no more writes: ${reason}. Restart the servers.`, options)
  }
  override get name(): string {
    return 'StorageFailedError'
  }
  get [brand](): true {
    return true
  }
}
