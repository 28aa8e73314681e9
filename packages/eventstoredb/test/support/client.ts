import { createRequire } from 'node:module'
import type { ClientLibrary } from '../../src/index.ts'

const name = process.env['VARVE_EVENTSTOREDB_CLIENT']

/** The client package named by VARVE_EVENTSTOREDB_CLIENT, as an option; none where it is the default. */
export const library: { readonly client?: ClientLibrary } =
  name === undefined ? {} : { client: createRequire(import.meta.url)(name) as ClientLibrary }
