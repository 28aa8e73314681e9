/** Returns the values documents have at a dotted path, each once; an array counts as its elements. */
export function distinctValues(documents: Iterable<object>, path: string): unknown[] {
  const found = new Map<unknown, unknown>()
  const steps = path.split('.')
  for (const document of documents)
    for (const value of valuesAt(document, steps)) found.set(identityOf(value), value)
  return [...found.values()]
}

function valuesAt(value: unknown, steps: readonly string[]): readonly unknown[] {
  const [step, ...rest] = steps
  if (step === undefined) return Array.isArray(value) ? value : value === undefined ? [] : [value]
  if (Array.isArray(value) && !/^\d+$/.test(step))
    return value.flatMap((item: unknown) => (Array.isArray(item) ? [] : valuesAt(item, steps)))
  if (typeof value !== 'object' || value === null) return []
  return valuesAt((value as Record<string, unknown>)[step], rest)
}

function identityOf(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return `date ${value.getTime()}`
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'bigint' ? Number(member) : member,
  )
}
