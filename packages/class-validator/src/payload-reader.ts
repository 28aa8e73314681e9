import type { Constructor, Violation } from '@varve/core'
import { pathTo, unknownProperty } from './violations.ts'

const maxDepth = 100

/**
 * Copies a payload before class-transformer gets it, which changes what it is given, drops keys without a word,
 * calls itself without end on what refers back to itself, and takes promises for values.
 */
export class PayloadReader {
  readonly #target: Constructor
  readonly #violations: Violation[] = []
  readonly #parents: object[] = []

  constructor(target: Constructor) {
    this.#target = target
  }

  /** Returns a copy of the payload, and everything about it that no class could accept. */
  read(payload: unknown): {
    readonly copy: Record<string, unknown>
    readonly violations: readonly Violation[]
  } {
    if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
      return {
        copy: {},
        violations: [{ path: '', rule: 'isObject', message: 'must be an object' }],
      }
    for (const key of Object.keys(payload))
      if (this.#isFixed(key))
        this.#violations.push({
          path: key,
          rule: unknownProperty,
          message: `property ${key} should not exist`,
        })
    return { copy: this.#copyObject(payload, ''), violations: this.#violations }
  }

  #copy(value: unknown, path: string): unknown {
    const refusal = this.#refusalOf(value)
    if (refusal) {
      this.#violations.push({ path, ...refusal })
      return undefined
    }
    if (isPlain(value)) return this.#copyObject(value, path)
    if (!Array.isArray(value)) return value
    this.#parents.push(value)
    const copy = value.map((item: unknown, index) => this.#copy(item, `${path}[${index}]`))
    this.#parents.pop()
    return copy
  }

  #refusalOf(value: unknown): Omit<Violation, 'path'> | undefined {
    if (typeof value === 'function' || typeof value === 'symbol')
      return { rule: 'isData', message: `must be data, not a ${typeof value}` }
    if (!Array.isArray(value) && !isPlain(value)) return undefined
    if (this.#parents.includes(value))
      return { rule: 'isTree', message: 'must not refer back to what it is in' }
    if (this.#parents.length === maxDepth)
      return { rule: 'maxDepth', message: `must not be nested deeper than ${maxDepth} levels` }
    return undefined
  }

  #copyObject(value: object, path: string): Record<string, unknown> {
    const copy: Record<string, unknown> = {}
    this.#parents.push(value)
    for (const [key, inside] of Object.entries(value)) {
      const place = pathTo(path, key)
      // Keys every object has already: class-transformer drops them, and some reach the prototype.
      if (key in Object.prototype)
        this.#violations.push({
          path: place,
          rule: 'isSafeKey',
          message: `property ${key} is a name every object has already`,
        })
      else copy[key] = this.#copy(inside, place)
    }
    this.#parents.pop()
    return copy
  }

  /** Whether the class has a method or a getter of that name, which a payload cannot set. */
  #isFixed(key: string): boolean {
    for (
      let prototype = this.#target.prototype as object | null;
      prototype && prototype !== Object.prototype;
      prototype = Object.getPrototypeOf(prototype) as object | null
    ) {
      const property = Object.getOwnPropertyDescriptor(prototype, key)
      if (property) return !property.set && key !== 'constructor'
    }
    return false
  }
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
