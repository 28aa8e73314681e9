// Lets a bare Node process run the sources: it has no TypeScript of its own at the oldest version supported.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const compilerOptions = { target: 'ES2022', module: 'ESNext', verbatimModuleSyntax: true }

export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context)
  const source = await readFile(fileURLToPath(url), 'utf8')
  const { outputText } = ts.transpileModule(source, { compilerOptions })
  return { format: 'module', shortCircuit: true, source: outputText }
}
