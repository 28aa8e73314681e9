import type { TextKey } from '../bson/key-encoding.ts'
import { compareText, type TextOrder } from '../bson/compare.ts'
import type { BsonDocument } from '../bson/value.ts'
import { toNumber, isNumeric } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'

/** How text is compared: by bytes, or by the rules of a language. */
export interface Collation {
  /** True for comparison by bytes. */
  readonly simple: boolean
  readonly order: TextOrder
  /** Text that is equal under the collation has an equal key; keys of other collations do not sort. */
  readonly key?: TextKey
  /** The definition with the server's defaults filled in, absent when simple. */
  readonly definition?: BsonDocument
}

/** Comparison by UTF-8 bytes, the server's default. */
export const SIMPLE_COLLATION: Collation = { simple: true, order: compareText }

/**
 * Reads the collation of a command.
 *
 * @throws {ServerError} The locale is missing or unknown.
 */
export function collationOf(definition: unknown): Collation {
  if (definition === undefined || definition === null) return SIMPLE_COLLATION
  const given = definition as BsonDocument
  const locale = given['locale']
  if (typeof locale !== 'string') {
    throw new ServerError(
      'IDLFailedToParse',
      "BSON field 'collation.locale' is missing but a required field",
    )
  }
  if (locale === 'simple') return SIMPLE_COLLATION
  const strength = isNumeric(given['strength']) ? toNumber(given['strength']) : 3
  const collator = collatorOf(locale, strength, given)
  return {
    simple: false,
    order: (left, right) => collator.compare(left, right),
    key: (text) => equalityKey(text, strength),
    definition: withDefaults(given, locale, strength),
  }
}

function collatorOf(locale: string, strength: number, given: BsonDocument): Intl.Collator {
  const sensitivity =
    strength === 1
      ? given['caseLevel'] === true
        ? 'case'
        : 'base'
      : strength === 2
        ? 'accent'
        : 'variant'
  try {
    return new Intl.Collator(locale.replaceAll('_', '-'), {
      sensitivity,
      numeric: given['numericOrdering'] === true,
      caseFirst: caseFirstOf(given['caseFirst']),
      ignorePunctuation: given['alternate'] === 'shifted',
    })
  } catch {
    throw new ServerError('BadValue', `Field 'locale' is invalid in: { locale: "${locale}" }`)
  }
}

function caseFirstOf(value: unknown): 'upper' | 'lower' | 'false' {
  return value === 'upper' || value === 'lower' ? value : 'false'
}

function equalityKey(text: string, strength: number): string {
  if (strength >= 3) return text.normalize('NFC')
  const folded = text.normalize('NFD').toLowerCase()
  return strength === 1 ? folded.replace(/\p{M}/gu, '') : folded.normalize('NFC')
}

function withDefaults(given: BsonDocument, locale: string, strength: number): BsonDocument {
  return {
    locale,
    caseLevel: given['caseLevel'] ?? false,
    caseFirst: given['caseFirst'] ?? 'off',
    strength,
    numericOrdering: given['numericOrdering'] ?? false,
    alternate: given['alternate'] ?? 'non-ignorable',
    maxVariable: given['maxVariable'] ?? 'punct',
    normalization: given['normalization'] ?? false,
    backwards: given['backwards'] ?? false,
    version: '57.1',
  }
}
