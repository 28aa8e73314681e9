// What a user gets is the packed packages, not this workspace: installs the tarballs into an empty folder,
// compiles the README's example there against them, and runs it.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fail, makeReady, packages, root, run } from './workspace.mjs'

await makeReady()
const folder = mkdtempSync(join(tmpdir(), 'varve-pack-'))
const tarballs = join(folder, 'tarballs')
mkdirSync(tarballs)
const where = packages.flatMap((path) => ['--workspace', path])
await must('npm', ['pack', '--silent', '--pack-destination', tarballs, ...where], root)

const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const application = join(folder, 'application')
mkdirSync(join(application, 'src'), { recursive: true })
writeFileSync(
  join(application, 'package.json'),
  JSON.stringify({ name: 'application', private: true, type: 'module' }),
)
const files = readdirSync(tarballs).map((file) => join(tarballs, file))
const tools = [
  `typescript@${devDependencies.typescript}`,
  '@types/node@20',
  'class-validator@0.15.1',
]
await must(
  'npm',
  ['install', '--silent', '--no-audit', '--no-fund', ...files, ...tools],
  application,
)

cpSync(join(root, 'examples/quickstart/src'), join(application, 'src'), { recursive: true })
writeFileSync(
  join(application, 'tsconfig.json'),
  JSON.stringify({
    compilerOptions: {
      module: 'NodeNext',
      target: 'ES2022',
      lib: ['ES2023', 'ESNext.Disposable'],
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      experimentalDecorators: true,
      rewriteRelativeImportExtensions: true,
      rootDir: 'src',
      outDir: 'out',
    },
    include: ['src'],
  }),
)
await must(process.execPath, ['node_modules/typescript/bin/tsc'], application)
const { code, output } = await run(process.execPath, ['out/main.js'], {
  cwd: application,
  capture: true,
})
console.log(output.trimEnd())
if (code !== 0) fail(`The example failed against the packed packages in ${application}.`)
rmSync(folder, { recursive: true })
console.log('\nThe packed packages install, compile and run.')

async function must(command, args, cwd) {
  const result = await run(command, args, { cwd, capture: true })
  if (result.code !== 0) fail(`${result.output}\n"${command} ${args[0]}" failed in ${cwd}.`)
}
