import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const references = JSON.parse(
  readFileSync(new URL('../../tsconfig.build.json', import.meta.url), 'utf8'),
) as { references: { path: string }[] }
const folders = references.references
  .map(({ path }) => path.replace('/tsconfig.build.json', ''))
  .filter((path) => path.startsWith('packages/'))

describe('the public API', () => {
  it.each(folders)('of %s exports these names', (folder) => {
    const index = readFileSync(new URL(`../../${folder}/src/index.ts`, import.meta.url), 'utf8')
    expect(index).not.toContain('export *')
    expect(index).not.toContain('export default')
    const names = [...index.matchAll(/export (type )?\{([^}]*)\}/g)].flatMap(([, isType, list]) =>
      (list as string)
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '')
        .map((name) => (isType && !name.startsWith('type ') ? `type ${name}` : name)),
    )
    expect(names.toSorted()).toMatchSnapshot()
  })
})
