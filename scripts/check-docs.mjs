// Keeps the documentation true: every TypeScript block is the text of a region in a file that the tests run,
// and every relative link leads somewhere. `node scripts/check-docs.mjs --write` copies the regions in. Pages
// may be named; by default it is all of them.
//
//   <!-- region: examples/bank/src/bank.ts#name -->     (without #name: the whole file)
//   ```ts
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { filesUnder, root } from './workspace.mjs'

const isWriting = process.argv.includes('--write')
/** Where files that the tests run are. */
const executed = /^(examples|test|packages\/[\w-]+\/(src|test))\//
const mistakes = []
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const pages = named.length > 0 ? named.map((page) => resolve(page)) : allPages()

for (const page of pages) {
  const text = readFileSync(page, 'utf8')
  const checked = withRegions(page, text)
  if (checked !== text && isWriting) writeFileSync(page, checked)
  checkLinks(page, checked)
}

for (const mistake of mistakes) console.log(mistake)
process.exitCode = mistakes.length === 0 ? 0 : 1

function allPages() {
  return [
    ...['docs', 'packages', 'examples', 'test'].flatMap((folder) => filesUnder(folder, '.md')),
    ...readdirSync(root)
      .filter((file) => file.endsWith('.md'))
      .map((file) => join(root, file)),
  ]
}

function withRegions(page, text) {
  const block =
    /(?:<!-- region: (?<source>\S+) -->\n+)?```(?:ts|tsx|typescript)\n(?<code>[\s\S]*?)```/g
  return text.replace(block, (found, ...groups) => {
    const { source, code } = groups.at(-1)
    if (source === undefined) {
      report(page, `a TypeScript block without a region: ${code.split('\n')[0]}`)
      return found
    }
    const region = regionOf(source)
    if (region === undefined) {
      report(page, `no such region: ${source}`)
      return found
    }
    if (!executed.test(source)) report(page, `no test runs ${source}`)
    if (region !== code && !isWriting)
      report(page, `the block of ${source} is stale; run node scripts/check-docs.mjs --write`)
    return `<!-- region: ${source} -->\n\n\`\`\`ts\n${region}\`\`\``
  })
}

function regionOf(source) {
  const [file, name] = source.split('#')
  const path = join(root, file)
  if (!existsSync(path)) return undefined
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  const isMarker = (line) => /^\s*\/\/ #(end)?region\b/.test(line)
  if (name === undefined) return `${lines.filter((line) => !isMarker(line)).join('\n')}\n`
  const start = lines.findIndex((line) => line.trim() === `// #region ${name}`)
  if (start < 0) return undefined
  const end = lines.findIndex(
    (line, index) => index > start && line.trim() === `// #endregion ${name}`,
  )
  if (end < 0) return undefined
  const body = lines.slice(start + 1, end).filter((line) => !isMarker(line))
  const indent = Math.min(...body.filter((line) => line.trim()).map((line) => line.search(/\S/)))
  return `${body.map((line) => line.slice(indent)).join('\n')}\n`
}

function checkLinks(page, text) {
  for (const [, target] of withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^(https?:|mailto:)/.test(target)) continue
    const [file, anchor] = target.split('#')
    const path = file === '' ? page : join(dirname(page), file)
    if (!existsSync(path)) report(page, `dead link: ${target}`)
    else if (anchor !== undefined && !anchorsOf(path).has(anchor))
      report(page, `no such heading: ${target}`)
  }
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(path) {
  const headings = withoutCode(readFileSync(path, 'utf8')).matchAll(/^#+ (.+)$/gm)
  return new Set(
    [...headings].map(([, heading]) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  )
}

function withoutCode(text) {
  return text.replace(/```[\s\S]*?```/g, '')
}

function report(page, mistake) {
  mistakes.push(`${relative(root, page)}: ${mistake}`)
}
