import { type Constructor, definitionCollector, type DefinitionCollector } from '@varve/core'

/** Names one kind of record on classes; `Value` is what a record holds. */
export interface MetadataKey<Value> {
  readonly symbol: symbol
  /** Exists for the compiler only. */
  readonly value?: Value
}

/** What a decorator of a member notes, whatever else. */
export interface MemberRecord {
  /** Name of the method or property. */
  readonly member: string
}

/** Names a kind of record. The symbol is global, so that two copies of this package read each other. */
export function metadataKey<Value>(name: string): MetadataKey<Value> {
  return { symbol: Symbol.for(`@varve/${name}`) }
}

/** Adds a record to a class. */
export function record<Value>(key: MetadataKey<Value>, target: Constructor, value: Value): void {
  Reflect.defineMetadata(key.symbol, [...ownRecords(key, target), value], target)
  if (!(definitionCollector in target))
    Object.defineProperty(target, definitionCollector, { get: () => collector })
}

let collector: DefinitionCollector | undefined

/** Says what makes definitions of decorated classes. Called once, when this package is loaded. */
export function collectWith(collect: DefinitionCollector): void {
  collector = collect
}

/** Adds a record about a member to the class its prototype belongs to. */
export function recordMember<Value extends MemberRecord>(
  key: MetadataKey<Value>,
  prototype: object,
  value: Value,
): void {
  record(key, prototype.constructor as Constructor, value)
}

/** Returns the records of the class itself, without those of its parents. None for what is no class. */
export function ownRecords<Value>(key: MetadataKey<Value>, target: unknown): readonly Value[] {
  if (typeof target !== 'function') return []
  return (Reflect.getOwnMetadata(key.symbol, target) as readonly Value[] | undefined) ?? []
}

/**
 * Returns the records of the class's members and of those it inherits, the inherited ones first.
 *
 * A member that is decorated again in the subclass has the records of the subclass only.
 */
export function memberRecords<Value extends MemberRecord>(
  key: MetadataKey<Value>,
  target: unknown,
): readonly Value[] {
  if (typeof target !== 'function') return []
  const own = ownRecords(key, target)
  const again = new Set(own.map(({ member }) => member))
  const inherited = memberRecords(key, Object.getPrototypeOf(target))
  return [...inherited.filter(({ member }) => !again.has(member)), ...own]
}
