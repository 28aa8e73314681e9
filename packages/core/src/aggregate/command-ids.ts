const bitsPerId = 16
const probes = 8
const firstCapacity = 64
/** 98,000 ids, about. */
const longestText = 262_144

interface Layer {
  readonly bits: Uint8Array
  readonly capacity: number
  count: number
}

/**
 * The ids of the commands that wrote a stream, as a Bloom filter: two bytes each, and whoever asks for an id that is
 * not among them is told so, except once in a thousand times. Only then the stream has to be searched.
 */
export class CommandIds {
  readonly #layers: Layer[] = []
  #last: string | undefined

  constructor(ids: readonly string[] = []) {
    this.#grow(Math.max(firstCapacity, 2 * ids.length))
    for (const id of ids) this.add(id)
  }

  /** Takes an id in. The same one several times in a row, as the events of one command have it, counts once. */
  add(id: string): void {
    if (id === this.#last) return
    this.#last = id
    let layer = this.#layers.at(-1) as Layer
    if (layer.count >= layer.capacity) layer = this.#grow(4 * layer.capacity)
    layer.count += 1
    for (const bit of bitsOf(id, layer)) setBit(layer, bit)
  }

  /** Whether the id may be among them; false is certain. */
  mayHave(id: string): boolean {
    return this.#layers.some((layer) => bitsOf(id, layer).every((bit) => hasBit(layer, bit)))
  }

  /** Writes them as text; undefined where there are too many to store. */
  toText(): string | undefined {
    const text = this.#layers
      .map(({ count, bits }) => `${count}:${Buffer.from(bits).toString('base64')}`)
      .join(' ')
    return text.length > longestText ? undefined : text
  }

  /** Reads what {@link CommandIds.toText} wrote; undefined where it is something else. */
  static fromText(text: string | undefined): CommandIds | undefined {
    if (text === undefined) return undefined
    const ids = new CommandIds()
    ids.#layers.length = 0
    for (const part of text.split(' ')) {
      const [, count, base64] = /^(\d+):([A-Za-z0-9+/]+=*)$/.exec(part) ?? []
      if (count === undefined || base64 === undefined) return undefined
      const bits = new Uint8Array(Buffer.from(base64, 'base64'))
      ids.#layers.push({ bits, capacity: (bits.length * 8) / bitsPerId, count: Number(count) })
    }
    return ids
  }

  #grow(capacity: number): Layer {
    const layer = { bits: new Uint8Array((capacity * bitsPerId) / 8), capacity, count: 0 }
    this.#layers.push(layer)
    return layer
  }
}

/** Kirsch and Mitzenmacher: two hashes do for any number of probes. */
function bitsOf(id: string, { bits }: Layer): readonly number[] {
  const first = hashOf(id, 0x811c9dc5)
  const second = hashOf(id, 0x9747b28c) | 1
  return Array.from(
    { length: probes },
    (_, probe) => ((first + Math.imul(probe, second)) >>> 0) % (bits.length * 8),
  )
}

/** FNV-1a, then MurmurHash3's last mix: ids that differ in one character share no bits. */
function hashOf(text: string, seed: number): number {
  let hash = seed
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function setBit({ bits }: Layer, bit: number): void {
  bits[bit >> 3] = (bits[bit >> 3] as number) | (1 << (bit & 7))
}

function hasBit({ bits }: Layer, bit: number): boolean {
  return ((bits[bit >> 3] as number) & (1 << (bit & 7))) !== 0
}
