/** How many slots the documents of a projection are spread over. Never changes: stored checkpoints name slots. */
export const slotCount = 1_024

/** A run of slots, both ends inclusive: the share of a projection's documents one worker writes. */
export interface SlotRange {
  readonly first: number
  readonly last: number
}

/** All of a projection's documents. */
export const allSlots: SlotRange = { first: 0, last: slotCount - 1 }

/**
 * The slot of a document, by its id alone: documents of several read models with one id share a slot.
 *
 * FNV-1a, 32 bits, over the UTF-16 units of the id, modulo {@link slotCount}.
 *
 * @see {@link http://www.isthe.com/chongo/tech/comp/fnv/} for the hash
 */
export function slotOf(id: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < id.length; index += 1)
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193)
  // The low bits of FNV are its weakest.
  return ((hash ^ (hash >>> 16)) >>> 0) % slotCount
}

/** Tells whether a slot is within a range. */
export function holdsSlot({ first, last }: SlotRange, slot: number): boolean {
  return slot >= first && slot <= last
}

/** Cuts a range of at least two slots in half. */
export function halvesOf({ first, last }: SlotRange): readonly [SlotRange, SlotRange] {
  const middle = first + Math.floor((last - first) / 2)
  return [
    { first, last: middle },
    { first: middle + 1, last },
  ]
}

/** Puts a range into words: `0-511`. */
export function slotsName({ first, last }: SlotRange): string {
  return `${first}-${last}`
}
