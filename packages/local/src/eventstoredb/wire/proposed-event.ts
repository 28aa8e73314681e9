import type { ProposedEvent } from './event-frame.ts'
import { readProperty } from './event-frame.ts'
import { GrpcError, GrpcStatus } from '../grpc/grpc-status.ts'
import { readMessage } from './protobuf.ts'
import { readUuid } from './uuid.ts'

/**
 * Reads a `ProposedMessage`, which is the same in Append and BatchAppend. Byte fields are views.
 *
 * @throws {GrpcError} The type or content type is missing, or the id is not a UUID.
 */
export function readProposedEvent(bytes: Uint8Array): ProposedEvent {
  let id: string | undefined
  let data = NOTHING
  let metadata = NOTHING
  const properties = new Map<string, string>()
  readMessage(bytes, (field, reader) => {
    if (field === 1) id = readUuid(reader.bytes())
    else if (field === 2) readProperty(reader.bytes(), properties)
    else if (field === 3) metadata = reader.bytes()
    else if (field === 4) data = reader.bytes()
    else return false
    return true
  })
  if (id === undefined) {
    throw new GrpcError(GrpcStatus.unknown, 'The proposed event has no id.')
  }
  return {
    id,
    type: required(properties, 'type'),
    isJson: required(properties, 'content-type') === 'application/json',
    data,
    metadata,
  }
}

const NOTHING: Uint8Array = new Uint8Array(0)

function required(properties: ReadonlyMap<string, string>, name: string): string {
  const value = properties.get(name)
  if (value !== undefined) return value
  throw new GrpcError(
    GrpcStatus.invalidArgument,
    `Required Metadata Property '${name}' is missing`,
    {
      exception: 'missing-required-metadata-property',
      'required-metadata-properties': 'type,content-type',
    },
  )
}
