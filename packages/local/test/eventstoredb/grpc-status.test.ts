import { describe, expect, it } from 'vitest'
import {
  asGrpcError,
  GrpcError,
  GrpcStatus,
  statusHeaders,
} from '../../src/eventstoredb/grpc/grpc-status.ts'
import { StorageFailedError } from '../../src/storage/storage-errors.ts'

describe('the status of a call', () => {
  it('is OK without an error', () => {
    expect(statusHeaders(undefined)).toEqual({ 'grpc-status': '0' })
  })

  it('percent-encodes what headers cannot carry', () => {
    const error = new GrpcError(GrpcStatus.notFound, '100 % ü\n', { 'stream-name': 'Konto-ü' })
    expect(statusHeaders(error)).toEqual({
      'grpc-status': '5',
      'grpc-message': '100 %25 %C3%BC%0A',
      'stream-name': 'Konto-%C3%BC',
    })
  })

  it('is UNAVAILABLE when the disk failed, so that clients take the outcome for unknown', () => {
    const failure = new StorageFailedError('data.db')
    expect(asGrpcError(failure)).toMatchObject({ code: 14, cause: failure })
  })

  it('is UNKNOWN for what nobody foresaw', () => {
    expect(asGrpcError(new TypeError('x'))).toMatchObject({ code: 2 })
  })
})
