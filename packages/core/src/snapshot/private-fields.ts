/** A declaration at the start of a statement, where nothing else may begin with `#`. */
const declaration = /(?:^|[{};\n])\s*#[\w$]+\s*(?:=(?!=)|;|\}|\n)/
const known = new WeakMap<object, boolean>()

/**
 * Tells whether a class, or one it extends, declares `#private` fields, which nobody outside of it can read: by its
 * source, since the language does not say. One that a compiler has made weak maps of is not recognised.
 */
export function hasPrivateFields(someClass: unknown): boolean {
  if (typeof someClass !== 'function' || someClass === Object) return false
  const found = known.get(someClass)
  if (found !== undefined) return found
  const has =
    declaration.test(Function.prototype.toString.call(someClass)) ||
    hasPrivateFields(Object.getPrototypeOf(someClass))
  known.set(someClass, has)
  return has
}
