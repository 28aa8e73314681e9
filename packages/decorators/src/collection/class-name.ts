import type { Constructor } from '@varve/core'

/** Tells whether a value is a class, as far as can be told. */
export function isClass(value: unknown): value is Constructor {
  return typeof value === 'function' && typeof value.prototype === 'object'
}

/** Names a class in messages, or says what was found in its place. */
export function className(value: unknown): string {
  if (typeof value === 'function') return value.name === '' ? 'a class without a name' : value.name
  if (value === undefined) return 'undefined (do two files import each other?)'
  return typeof value === 'object' ? 'an object that is no class' : `a ${typeof value}`
}
