import type { Document } from 'mongodb'

/** Rewrites an aggregation expression on a document to one on its version, where the document is under `doc`. */
export function pastExpression(expression: unknown): unknown {
  if (typeof expression === 'string') return pastReference(expression)
  if (Array.isArray(expression)) return expression.map(pastExpression)
  if (!isPlain(expression)) return expression
  const rewritten: Document = {}
  for (const [key, value] of Object.entries(expression) as [string, unknown][]) {
    if (key === '$literal') rewritten[key] = value
    else if (key === '$getField') rewritten[key] = pastGetField(value)
    else rewritten[key] = pastExpression(value)
  }
  return rewritten
}

function pastReference(text: string): string {
  if (/^\$\$(ROOT|CURRENT)(\.|$)/.test(text)) return text.replace(/^\$\$(ROOT|CURRENT)/, '$doc')
  if (text.startsWith('$') && !text.startsWith('$$')) return `$doc.${text.slice(1)}`
  return text
}

/** Without an input, `$getField` reads the whole version. */
function pastGetField(value: unknown): unknown {
  if (isPlain(value) && 'field' in value) {
    return { ...value, input: pastExpression(value['input'] ?? '$$CURRENT') }
  }
  return { field: value, input: '$doc' }
}

function isPlain(value: unknown): value is Document {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
