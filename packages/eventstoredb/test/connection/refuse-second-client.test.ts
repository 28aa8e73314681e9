import { expect, test } from 'vitest'
import { refuseSecondClient } from '../../src/connection/refuse-second-client.ts'

test('the other client package in the process is refused', () => {
  const paths = ['/app/node_modules/@kurrent/kurrentdb-client/dist/index.js']
  expect(() => refuseSecondClient(paths)).toThrow(/@kurrent\/kurrentdb-client is loaded/)
  expect(() => refuseSecondClient(['/app/index.js'])).not.toThrow()
  expect(() => refuseSecondClient()).not.toThrow()
})
