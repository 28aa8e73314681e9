import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type EventSchema, VarveError } from '@varve/core'

/** A file of a folder of schemas cannot be read as one. */
export class SchemaFileError extends VarveError {
  readonly code = 'SCHEMA_FILE'
  constructor(
    readonly path: string,
    found: string,
    options?: ErrorOptions,
  ) {
    super(
      `${path} ${found}: expected what "varve schemas" writes. Write the folder again with it.`,
      options,
    )
  }
}

const suffix = '.event.json'

/** Writes one file for each kind of event, and removes those of events that are declared no more. */
export async function writeSchemas(
  folder: string,
  schemas: readonly EventSchema[],
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true })
  const names = schemas.map(({ type }) => `${encodeURIComponent(type)}${suffix}`)
  for (const name of await readdir(folder))
    if (name.endsWith(suffix) && !names.includes(name)) await rm(join(folder, name))
  for (const [index, schema] of schemas.entries())
    await writeFile(join(folder, names[index] as string), `${JSON.stringify(schema, null, 2)}\n`)
  return names
}

/**
 * Reads what {@link writeSchemas} wrote.
 *
 * @throws {SchemaFileError} There is no such folder, or a file of it is something else.
 */
export async function readSchemas(folder: string): Promise<readonly EventSchema[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new SchemaFileError(folder, 'cannot be read', { cause })
  })
  const files = names.filter((name) => name.endsWith(suffix)).sort()
  if (files.length === 0) throw new SchemaFileError(folder, `has no file that ends in ${suffix}`)
  return Promise.all(files.map((name) => readSchema(join(folder, name))))
}

async function readSchema(path: string): Promise<EventSchema> {
  const text = await readFile(path, 'utf8')
  let found: Partial<EventSchema>
  try {
    found = JSON.parse(text) as Partial<EventSchema>
  } catch (cause) {
    throw new SchemaFileError(path, 'is no JSON', { cause })
  }
  const { type, version, aliases, reads, writes, schema } = found
  const isWhole =
    typeof type === 'string' &&
    Number.isInteger(version) &&
    [aliases, reads, writes].every((list) => Array.isArray(list)) &&
    typeof schema === 'object'
  if (!isWhole) throw new SchemaFileError(path, 'is no schema of an event')
  return found as EventSchema
}
