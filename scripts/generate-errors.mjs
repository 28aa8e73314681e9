// Writes docs/reference/errors.md from the error classes, so that the list of codes is never older than the code.
// `--check` writes nothing and fails when the page is stale; test/docs runs it.
import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { filesUnder, packages, root } from './workspace.mjs'

const page = join(root, 'docs/reference/errors.md')
const text = await format(pageOf(packages), {
  ...(await resolveConfig(page)),
  parser: 'markdown',
})
const isFresh = readFileSync(page, { encoding: 'utf8', flag: 'a+' }) === text
if (!process.argv.includes('--check')) writeFileSync(page, text)
else if (!isFresh) {
  console.log('docs/reference/errors.md is stale; run node scripts/generate-errors.mjs')
  process.exitCode = 1
}

function pageOf(folders) {
  const sections = folders.map((folder) => ({ folder, errors: errorsIn(folder) }))
  return [
    '# Errors',
    '<!-- Written by scripts/generate-errors.mjs from the error classes. Do not edit. -->',
    'Every error has a stable `code`, a message that names what was found, what was expected and what to do, and its ' +
      'facts as fields. `isVarveError(error)` tells Varve errors from others, also across copies of the package. What ' +
      'a handler of yours throws is passed on as it is.',
    ...sections.filter(({ errors }) => errors.length > 0).map(sectionOf),
  ].join('\n\n')
}

function sectionOf({ folder, errors }) {
  const { name } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  const rows = errors.map(
    ({ code, className, meaning, fields, source }) =>
      `| \`${code}\` | [\`${className}\`](../../${source}) | ${meaning} | ${fields} |`,
  )
  return [
    `## ${name}`,
    '',
    '| code | class | meaning | fields |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n')
}

function errorsIn(folder) {
  return filesUnder(`${folder}/src`, '.ts')
    .flatMap((file) => errorsOf(readFileSync(file, 'utf8'), relative(root, file)))
    .toSorted((one, other) => one.code.localeCompare(other.code))
}

function errorsOf(source, path) {
  const classes =
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport class (\w+) extends \w+ \{\n([\s\S]*?)\n\}/g
  return [...source.matchAll(classes)].flatMap(([, comment, className, body]) => {
    const code = /^ {2}(?:override )?readonly code = '([A-Z_]+)'/m.exec(body)?.[1]
    if (code === undefined) return []
    const fields = [...body.matchAll(/^ +(?:override )?readonly (\w+)\??:/gm)].map(
      ([, field]) => `\`${field}\``,
    )
    return [{ code, className, meaning: textOf(comment), fields: fields.join(', '), source: path }]
  })
}

/** A docstring's text before its first tag, on one line. */
function textOf(comment) {
  const [text] = comment.replace(/^ *\* ?/gm, '').split(/^ *@/m)
  return text
    .replace(/\{@link (\w+)[^}]*\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .replaceAll('|', '\\|')
    .trim()
}
