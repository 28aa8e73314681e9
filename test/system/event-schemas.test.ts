import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import {
  AggregateRoot,
  createApplication,
  decideOn,
  defineAggregate,
  defineCommand,
  EventSchemaError,
  readSchemas,
} from 'varve'
import { main } from '../../packages/varve/src/command-line/main.ts'
import { AccountOpened } from './event-schemas/first.ts'

let folder: string

async function run(...words: string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = []
  const note = (line: string): void => void lines.push(line)
  const spies = [
    vi.spyOn(console, 'log').mockImplementation(note),
    vi.spyOn(console, 'error').mockImplementation(note),
  ]
  const code = await main(['node', 'varve', ...words])
  for (const spy of spies) spy.mockRestore()
  return { code, text: lines.join('\n') }
}

const moduleOf = (name: string): string => join(import.meta.dirname, 'event-schemas', `${name}.ts`)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'schemas-'))
  for (const name of ['first', 'second', 'broken'])
    await run('schemas', moduleOf(name), '--out', join(folder, name))
})

describe('varve schemas', () => {
  test('writes the schema of every event, also of those an aggregate names', async () => {
    expect(await readdir(join(folder, 'first'))).toEqual(['account.opened.event.json'])
    const text = await readFile(join(folder, 'first', 'account.opened.event.json'), 'utf8')
    expect(JSON.parse(text)).toEqual({
      type: 'account.opened',
      version: 1,
      aliases: [],
      reads: [],
      writes: [],
      schema: {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        title: 'account.opened',
        type: 'object',
        properties: { owner: { type: 'string' }, branch: { type: 'integer' } },
        required: ['owner', 'branch'],
      },
    })
  })

  test('removes the files of events that are declared no more', async () => {
    const out = join(folder, 'again')
    await run('schemas', moduleOf('second'), '--out', out)
    await run('schemas', moduleOf('first'), '--out', out)
    expect(await readdir(out)).toEqual(['account.opened.event.json'])
  })

  test('refuses a module without definitions', async () => {
    const path = join(folder, 'empty.mjs')
    await writeFile(path, 'export const other = 1\n')
    const { code, text } = await run('schemas', path, '--out', join(folder, 'none'))
    expect(code).toBe(1)
    expect(text).toContain('does not export "definitions"')
  })
})

describe('varve compat', () => {
  test('passes where new code reads what old code wrote', async () => {
    expect(await run('compat', join(folder, 'first'), join(folder, 'second'))).toEqual({
      code: 0,
      text: 'They go together (backward); kinds of events: 1.',
    })
  })

  test('fails where it does not, naming the event and the field', async () => {
    const { code, text } = await run('compat', join(folder, 'first'), join(folder, 'broken'))
    expect(code).toBe(1)
    expect(text).toContain(
      'account.opened, branch (backward): may be integer, where string is read',
    )
  })

  test('fails where old code cannot read what new code writes', async () => {
    const folders = [join(folder, 'first'), join(folder, 'second')]
    const { code, text } = await run('compat', ...folders, '--mode', 'full')
    expect(code).toBe(1)
    expect(text).toContain(
      'account.opened (forward): is written in version 2, and has no downcaster',
    )
  })

  test('refuses a folder that is none, and a file that is no schema', async () => {
    expect((await run('compat', join(folder, 'nowhere'), folder)).text).toContain('cannot be read')
    await expect(readSchemas(folder)).rejects.toThrow('has no file that ends in .event.json')
    const path = join(await mkdtemp(join(tmpdir(), 'schemas-')), 'a.event.json')
    await writeFile(path, '{"type":"a"}')
    await expect(readSchemas(join(path, '..'))).rejects.toThrow('is no schema of an event')
  })
})

describe('an application', () => {
  const open = defineCommand<{ id: string; branch: unknown }>('account.open', {
    aggregateId: ({ id }) => id,
  })
  class State extends AggregateRoot {}
  const account = defineAggregate<State>('account', {
    initial: () => new State(),
    decide: [
      decideOn(open, (_state, { branch }) =>
        Object.assign(new AccountOpened(), { owner: 'Ada', branch }),
      ),
    ],
    evolve: [],
  })
  const settings = {
    definitions: [account, AccountOpened],
    eventStore: 'memory:',
    readModels: 'memory:',
  }

  test('refuses to store an event that is not as its schema says, and stores nothing', async () => {
    await using app = await createApplication(settings)
    const command = app.execute(open, { id: 'a1', branch: 'seven' })
    await expect(command).rejects.toThrow(EventSchemaError)
    await expect(command).rejects.toThrow('branch: must be integer, but is "seven"')
    expect((await app.execute(open, { id: 'a1', branch: 7 })).revision).toBe(0n)
  })

  test('does not look where it is told not to', async () => {
    await using app = await createApplication({ ...settings, checkEvents: false })
    expect((await app.execute(open, { id: 'a1', branch: 'seven' })).revision).toBe(0n)
  })
})
