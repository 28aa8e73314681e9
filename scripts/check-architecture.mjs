// Keeps the tree the architecture diagram: which package may use which, one outside dependency per package,
// no cycles between files, folders named after concepts. The table below is the rule; docs/architecture.md
// explains it.
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { builtinModules } from 'node:module'
import { filesUnder, root } from './workspace.mjs'

const rules = {
  core: { uses: [], outside: [] },
  decorators: { uses: ['core'], outside: ['reflect-metadata'] },
  inversify: { uses: ['core', 'decorators'], outside: ['inversify'] },
  'class-validator': { uses: ['core'], outside: ['class-validator', 'class-transformer'] },
  eventstoredb: { uses: ['core'], outside: ['@eventstore/db-client', '@kurrent/kurrentdb-client'] },
  mongodb: { uses: ['core'], outside: ['mongodb'] },
  memory: { uses: ['core'], outside: ['mingo'] },
  local: {
    uses: [],
    outside: ['bson', 'libsql', 'protobufjs'],
  },
  testing: { uses: ['core', 'memory'], outside: [] },
  varve: {
    uses: [
      'core',
      'decorators',
      'inversify',
      'class-validator',
      'eventstoredb',
      'mongodb',
      'memory',
      'local',
    ],
    outside: ['commander', 'inversify'],
  },
}
const vagueFolders = [
  'utils',
  'util',
  'helpers',
  'helper',
  'interfaces',
  'models',
  'common',
  'types',
  'shared',
  'misc',
]
const mistakes = []

for (const [name, { uses, outside }] of Object.entries(rules)) {
  const allowed = new Set([...uses.map((one) => `@varve/${one}`), ...outside])
  const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies }
  for (const dependency of Object.keys(declared))
    // What an adapter needs from its user is a dependency of `varve`, which installs it.
    if (name !== 'varve' && !allowed.has(dependency) && dependency !== 'reflect-metadata')
      mistakes.push(
        `packages/${name} depends on ${dependency}, which the architecture does not allow.`,
      )
  for (const file of sourcesOf(name))
    for (const { specifier } of importsOf(file)) {
      if (specifier.startsWith('.') || isBuiltin(specifier)) continue
      const target = packageOf(specifier)
      if (!allowed.has(target))
        mistakes.push(`${show(file)} imports ${specifier}: ${name} may not use ${target}.`)
      else if (!(target in declared))
        mistakes.push(
          `${show(file)} imports ${target}, which packages/${name}/package.json does not declare.`,
        )
    }
  for (const folder of new Set(sourcesOf(name).map((file) => dirname(show(file)))))
    for (const part of folder.split('/'))
      if (vagueFolders.includes(part)) mistakes.push(`${folder}: "${part}" names no concept.`)
  mistakes.push(...cyclesIn(name))
}

for (const mistake of new Set(mistakes)) console.log(mistake)
process.exitCode = mistakes.length === 0 ? 0 : 1

function sourcesOf(name) {
  return filesUnder(`packages/${name}/src`, '.ts')
}

function importsOf(file) {
  const text = readFileSync(file, 'utf8')
  const found = []
  for (const [, typeOnly, specifier] of text.matchAll(
    /^(?:import|export)\s+(type\s+)?(?:[^'";]*?from\s+)?'([^']+)'/gm,
  ))
    found.push({ specifier, isType: typeOnly !== undefined })
  for (const [, specifier] of text.matchAll(/\bimport\('([^']+)'\)/g))
    found.push({ specifier, isType: true })
  return found
}

function cyclesIn(name) {
  const files = new Set(sourcesOf(name))
  const state = new Map()
  const cycles = []
  const visit = (file, path) => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      cycles.push(
        `Import cycle: ${[...path.slice(path.indexOf(file)), file].map(show).join(' -> ')}`,
      )
      return
    }
    state.set(file, 'open')
    for (const { specifier, isType } of importsOf(file)) {
      const target = resolve(dirname(file), specifier)
      if (!isType && specifier.startsWith('.') && files.has(target)) visit(target, [...path, file])
    }
    state.set(file, 'done')
  }
  for (const file of files) visit(file, [])
  return cycles
}

function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function isBuiltin(specifier) {
  return specifier.startsWith('node:') || builtinModules.includes(specifier)
}

function show(file) {
  return relative(root, file)
}
