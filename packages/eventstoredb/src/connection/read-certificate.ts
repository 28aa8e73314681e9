import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { InvalidConnectionStringError } from '@varve/core'
import type { ConnectionSettings } from './connection-settings.ts'

/** @throws {InvalidConnectionStringError} The file cannot be read. */
export function readCertificate({ address }: ConnectionSettings, path: string): Buffer {
  try {
    return readFileSync(resolve(path))
  } catch (cause) {
    throw new InvalidConnectionStringError(address, `a readable file at "${path}"`, { cause })
  }
}
