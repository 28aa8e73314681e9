import { isVarveError } from '@varve/core'
import { expect, test } from 'vitest'
import { DataFileInUseError, StorageFailedError } from '../../src/storage/storage-errors.ts'

test.each([
  [new DataFileInUseError('data.db'), 'DataFileInUseError', 'LOCAL_DATA_FILE_IN_USE'],
  [new StorageFailedError('data.db'), 'StorageFailedError', 'LOCAL_STORAGE_FAILED'],
])('%s is a Varve error with name and code', (error, name, code) => {
  expect(isVarveError(error)).toBe(true)
  expect(error).toMatchObject({ name, code, path: 'data.db' })
  expect(error.stack).toMatch(new RegExp(`^${name}: `))
})
