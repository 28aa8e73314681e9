import { expect, test } from 'vitest'
import { CommandIds } from '../../src/aggregate/command-ids.ts'

const ids = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`)

function wronglyHeld(held: CommandIds): number {
  return ids(10_000, 'other').filter((id) => held.mayHave(id)).length
}

test('every id that was added is found, and hardly any other', () => {
  const held = new CommandIds(ids(10_000, 'command'))
  for (const id of ids(10_000, 'command')) expect(held.mayHave(id)).toBe(true)
  expect(wronglyHeld(held)).toBeLessThan(20)
})

test('that holds for ids that come one by one, too', () => {
  const held = new CommandIds()
  for (const id of ids(10_000, 'command')) held.add(id)
  for (const id of ids(10_000, 'command')) expect(held.mayHave(id)).toBe(true)
  expect(wronglyHeld(held)).toBeLessThan(50)
})

test('they come back from text, and go on from there', () => {
  const held = CommandIds.fromText(new CommandIds(ids(100, 'command')).toText())
  held?.add('late')
  expect(held?.mayHave('command-42')).toBe(true)
  expect(held?.mayHave('late')).toBe(true)
  expect(held?.mayHave('never')).toBe(false)
})

test('text of something else, or too much to be stored, is none', () => {
  expect(CommandIds.fromText(undefined)).toBeUndefined()
  expect(CommandIds.fromText('garbage')).toBeUndefined()
  expect(new CommandIds(ids(100_000, 'command')).toText()).toBeUndefined()
})
