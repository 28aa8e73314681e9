// What can go wrong on the way to a server, again by the other client package. It is loaded in this process
// and no other, so the files that use the default package elsewhere are run once more here.
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'

const name = '@kurrent/kurrentdb-client'

function isInstalled(): boolean {
  try {
    createRequire(import.meta.url)(name)
    return true
  } catch {
    process.stdout.write(`${name} cannot be loaded here; its fault tests do not run\n`)
    return false
  }
}

const files = [
  './faults.int.test.ts',
  './server-outage.int.test.ts',
  './process-exit.int.test.ts',
  './consumer-group/supervised-consumer.int.test.ts',
  './stream-administration/lost-answers.int.test.ts',
]

const found = isInstalled()

describe.runIf(found)(`by ${name}`, () => {
  if (found) process.env['VARVE_EVENTSTOREDB_CLIENT'] = name
  // Each in a group of its own, with its own hooks.
  for (const file of found ? files : [])
    describe(file, async () => {
      await import(file)
    })

  test('the other package is loaded nowhere', () => {
    const loaded = Object.keys(createRequire(import.meta.url).cache)
    expect(loaded.filter((path) => /@eventstore.db-client/.test(path))).toEqual([])
  })
})
