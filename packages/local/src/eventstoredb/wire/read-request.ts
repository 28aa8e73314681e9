import { readMessage, readNumber, readStreamIdentifier } from './protobuf.ts'

/** Where a read starts: at an end, or at a revision or position. */
export type ReadFrom = 'start' | 'end' | number

/** A server-side filter on `$all`. */
export interface FilterOptions {
  readonly on: 'event-type' | 'stream-name'
  /** Empty when the filter goes by prefixes. */
  readonly regex: string
  readonly prefixes: readonly string[]
  /** Events to look at between checkpoints, before {@link checkpointMultiplier}; undefined for the default. */
  readonly maxSearchWindow: number | undefined
  readonly checkpointMultiplier: number
}

/** What a `ReadReq` asks for. */
export interface ReadOptions {
  /** Undefined for `$all`. */
  readonly stream: string | undefined
  readonly from: ReadFrom
  readonly backwards: boolean
  readonly resolveLinks: boolean
  /** Undefined for a subscription. */
  readonly maxCount: number | undefined
  readonly filter: FilterOptions | undefined
  /** Ids as two 64-bit halves instead of text. */
  readonly structuredIds: boolean
}

/** Reads a `ReadReq` of the Streams service. */
export function readReadRequest(bytes: Uint8Array): ReadOptions {
  let options: ReadOptions = DEFAULTS
  readMessage(bytes, (field, reader) => {
    if (field !== 1) return false
    options = readOptions(reader.bytes())
    return true
  })
  return options
}

const DEFAULTS: ReadOptions = {
  stream: undefined,
  from: 'start',
  backwards: false,
  resolveLinks: false,
  maxCount: undefined,
  filter: undefined,
  structuredIds: true,
}

function readOptions(bytes: Uint8Array): ReadOptions {
  const options: { -readonly [K in keyof ReadOptions]: ReadOptions[K] } = { ...DEFAULTS }
  readMessage(bytes, (field, reader) => {
    if (field === 1) Object.assign(options, readStreamOptions(reader.bytes()))
    else if (field === 2) options.from = readAllFrom(reader.bytes())
    else if (field === 3) options.backwards = reader.uint32() === 1
    else if (field === 4) options.resolveLinks = reader.bool()
    else if (field === 5) options.maxCount = readNumber(reader)
    else if (field === 7) options.filter = readFilter(reader.bytes())
    else if (field === 9) options.structuredIds = !hasField(reader.bytes(), 2)
    else return false
    return true
  })
  return options
}

/** Reads the stream and start of `StreamOptions`, as reads and persistent subscriptions send it. */
export function readStreamOptions(bytes: Uint8Array): { stream: string; from: ReadFrom } {
  let stream = ''
  let from: ReadFrom = 'start'
  readMessage(bytes, (field, reader) => {
    if (field === 1) stream = readStreamIdentifier(reader.bytes())
    else if (field === 2) from = readNumber(reader)
    else {
      if (field === 4) from = 'end'
      return false
    }
    return true
  })
  return { stream, from }
}

/** Reads the start of `AllOptions`. */
export function readAllFrom(bytes: Uint8Array): ReadFrom {
  let from: ReadFrom = 'start'
  readMessage(bytes, (field, reader) => {
    if (field === 1) from = readCommitPosition(reader.bytes())
    else {
      if (field === 3) from = 'end'
      return false
    }
    return true
  })
  return from
}

function readCommitPosition(bytes: Uint8Array): number {
  let position = 0
  readMessage(bytes, (field, reader) => {
    if (field !== 1) return false
    position = readNumber(reader)
    return true
  })
  return position
}

/** Reads `FilterOptions`. */
export function readFilter(bytes: Uint8Array): FilterOptions {
  const filter: { -readonly [K in keyof FilterOptions]: FilterOptions[K] } = {
    on: 'event-type',
    regex: '',
    prefixes: [],
    maxSearchWindow: undefined,
    checkpointMultiplier: 1,
  }
  readMessage(bytes, (field, reader) => {
    if (field === 1 || field === 2) {
      filter.on = field === 1 ? 'stream-name' : 'event-type'
      Object.assign(filter, readExpression(reader.bytes()))
    } else if (field === 3) filter.maxSearchWindow = reader.uint32()
    else if (field === 5) filter.checkpointMultiplier = reader.uint32()
    else return false
    return true
  })
  return filter
}

function readExpression(bytes: Uint8Array): { regex: string; prefixes: readonly string[] } {
  let regex = ''
  const prefixes: string[] = []
  readMessage(bytes, (field, reader) => {
    if (field === 1) regex = reader.string()
    else if (field === 2) prefixes.push(reader.string())
    else return false
    return true
  })
  return { regex, prefixes }
}

/** Whether the message has the field. */
export function hasField(bytes: Uint8Array, wanted: number): boolean {
  let found = false
  readMessage(bytes, (field) => {
    found ||= field === wanted
    return false
  })
  return found
}
