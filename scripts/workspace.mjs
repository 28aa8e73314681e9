// What the scripts share: where the workspace is, how to run a command in it, and how to make it ready.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Folders of the published packages, relative to the root, in the order they build on each other. */
export const packages = JSON.parse(readFileSync(join(root, 'tsconfig.build.json'), 'utf8'))
  .references.map(({ path }) => path.replace('/tsconfig.build.json', ''))
  .filter((path) => path.startsWith('packages/'))

/** All files below a folder whose path ends in one of the endings; installed and built ones left out. */
export function filesUnder(folder, ...endings) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((file) => endings.some((ending) => file.endsWith(ending)))
    .filter((file) => !/(^|\/)(node_modules|dist|\.varve)\//.test(file))
    .map((file) => join(root, folder, file))
}

/** Runs a command in the workspace; resolves to its exit code and, where captured, its output. */
export function run(command, args, { capture = false, cwd = root, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: capture ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    })
    let output = ''
    child.stdout?.on('data', (chunk) => (output += chunk))
    child.stderr?.on('data', (chunk) => (output += chunk))
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code: code ?? (signal ? 1 : 0), output }))
  })
}

/** Runs a tool the workspace has installed. */
export function runTool(name, args, options) {
  return run(process.execPath, [toolPath(name), ...args], options)
}

function toolPath(name) {
  const [owner, tool = owner] = name.split(':')
  const folder = join(root, 'node_modules', owner)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return join(folder, typeof bin === 'string' ? bin : bin[tool])
}

/** Installs what the lock file asks for, if that has not been done, and builds. Exits with 1 when it cannot. */
export async function makeReady() {
  await install()
  const { code } = await runTool('typescript:tsc', ['-b', 'tsconfig.build.json'])
  if (code !== 0) fail('The build failed; see above.')
}

async function install() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  const wanted = join(root, 'package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs - 1000)
    return
  console.log('Installing what the workspace needs (once) …')
  const { code, output } = await run('npm', ['ci', '--loglevel=error'], { capture: true })
  if (code === 0) return
  console.error(output)
  const isOffline = /ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ECONNRESET|ENETUNREACH|E50\d/.test(
    output,
  )
  fail(
    isOffline
      ? 'The package registry cannot be reached. Check the network, or the registry that npm is set to (npm config get registry), and try again.'
      : 'The installation failed; see above.',
  )
}

export function fail(message) {
  console.error(`\n${message}`)
  process.exit(1)
}
