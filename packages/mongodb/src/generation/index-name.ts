/** The name MongoDB gives an index by default: `owner_1_city_-1`. */
export function indexName(keys: Readonly<Record<string, 1 | -1>>): string {
  return Object.entries(keys)
    .map(([key, direction]) => `${key}_${direction}`)
    .join('_')
}
