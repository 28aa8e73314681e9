import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Compatibility, compareSchemas, type Definition, type Constructor } from '@varve/core'
import { Command, Option } from 'commander'
import { readSchemas, writeSchemas } from '../event-schemas/schema-files.ts'
import { schemasOf } from '../event-schemas/schemas-of.ts'
import { IncompatibleSchemasError, NoDefinitionsError } from './schemas-errors.ts'

/** `varve schemas`: the JSON Schema of every event, as files. */
export function schemasCommand(): Command {
  return new Command('schemas')
    .description('Write the JSON Schema of every event, one file each.')
    .argument('<module>', 'compiled module that exports "definitions", as for createApplication')
    .requiredOption('--out <folder>', 'folder of the files')
    .action(async (module: string, { out }: { readonly out: string }) => {
      const files = await writeSchemas(resolve(out), schemasOf(await definitionsIn(module)))
      console.log(`Schemas in ${resolve(out)}: ${files.length}`)
    })
}

/** `varve compat`: whether two sets of schemas go together; fails where they do not. */
export function compatCommand(): Command {
  return new Command('compat')
    .description('Compare the event schemas of two versions of an application.')
    .argument('<old>', 'folder of what is deployed, written by "varve schemas"')
    .argument('<new>', 'folder of what is to be deployed')
    .addOption(
      new Option(
        '--mode <mode>',
        'backward: new code reads what old code wrote; forward: the reverse',
      )
        .choices(['backward', 'forward', 'full'])
        .default('backward'),
    )
    .action(async (old: string, next: string, { mode }: { readonly mode: Compatibility }) => {
      const [before, after] = await Promise.all([readSchemas(old), readSchemas(next)])
      const found = compareSchemas(before, after, mode)
      if (found.length > 0) throw new IncompatibleSchemasError(mode, found)
      console.log(`They go together (${mode}); kinds of events: ${before.length}.`)
    })
}

async function definitionsIn(path: string): Promise<readonly (Constructor | Definition)[]> {
  const module = (await import(pathToFileURL(resolve(path)).href)) as { definitions?: unknown }
  if (!Array.isArray(module.definitions)) throw new NoDefinitionsError(path)
  return module.definitions as readonly (Constructor | Definition)[]
}
