// Checks each package's manifest against what was built: a wrong path in `exports` is found here and not by
// the first user. Needs a build.
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { packages, root } from './workspace.mjs'
import { readFileSync } from 'node:fs'

let isGood = true
for (const folder of packages) {
  const pkgDir = join(root, folder)
  const manifest = JSON.parse(readFileSync(join(pkgDir, 'package.json'), 'utf8'))
  const { messages } = await publint({ pkgDir, strict: true, pack: false })
  for (const message of messages) {
    isGood = false
    console.log(`${manifest.name}: ${formatMessage(message, manifest)}`)
  }
}
process.exitCode = isGood ? 0 : 1
