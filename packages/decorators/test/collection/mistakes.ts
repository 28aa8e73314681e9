import { buildModel, type Constructor } from '@varve/core'
import { collectDefinitions } from '../../src/index.ts'

/** What a user without a type checker may hand over. */
export const unchecked = <T>(value: unknown) => value as Constructor<never> & T

/** The mistakes found in the classes. */
export const mistakesOf = (...entries: unknown[]) =>
  collectDefinitions(entries as Constructor[]).mistakes

/** The mistakes found in the classes, and those core adds to them. */
export function allMistakesOf(...entries: unknown[]): readonly string[] {
  const { definitions, mistakes } = collectDefinitions(entries as Constructor[])
  try {
    buildModel(definitions, mistakes)
    return []
  } catch (error) {
    return (error as { mistakes: readonly string[] }).mistakes
  }
}

export class Undecorated {
  readonly _id!: string
}
