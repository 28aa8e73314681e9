/** A buffer that grows while it is written. */
export class ByteWriter {
  #bytes: Buffer
  #length = 0

  /** @param capacity Bytes to start with. */
  constructor(capacity = 512) {
    this.#bytes = Buffer.allocUnsafe(capacity)
  }

  get length(): number {
    return this.#length
  }

  /** Leaves room for bytes that are known later, and returns where. */
  reserve(count: number): number {
    this.#grow(count)
    const at = this.#length
    this.#length += count
    return at
  }

  patchInt32(at: number, value: number): void {
    this.#bytes.writeInt32LE(value, at)
  }

  patchByte(at: number, value: number): void {
    this.#bytes[at] = value
  }

  byte(value: number): void {
    this.#grow(1)
    this.#bytes[this.#length++] = value
  }

  int32(value: number): void {
    this.#grow(4)
    this.#length = this.#bytes.writeInt32LE(value, this.#length)
  }

  uint32BE(value: number): void {
    this.#grow(4)
    this.#length = this.#bytes.writeUInt32BE(value, this.#length)
  }

  int64(value: bigint): void {
    this.#grow(8)
    this.#length = this.#bytes.writeBigInt64LE(value, this.#length)
  }

  uint64BE(value: bigint): void {
    this.#grow(8)
    this.#length = this.#bytes.writeBigUInt64BE(value, this.#length)
  }

  double(value: number): void {
    this.#grow(8)
    this.#length = this.#bytes.writeDoubleLE(value, this.#length)
  }

  /** A double whose bytes sort like the numbers. */
  sortableDouble(value: number): void {
    this.#grow(8)
    const at = this.#length
    this.#length = this.#bytes.writeDoubleBE(value, at)
    const first = this.#bytes[at] as number
    if (first < 128) this.#bytes[at] = first | 128
    else for (let index = at; index < this.#length; index += 1) this.#invert(index)
  }

  bytes(value: Uint8Array): void {
    this.#grow(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  /** Text, its byte length in front, a zero byte behind. */
  string(value: string): void {
    const at = this.reserve(4)
    this.utf8(value)
    this.byte(0)
    this.patchInt32(at, this.#length - at - 4)
  }

  /** Text with a zero byte behind. */
  cstring(value: string): void {
    this.utf8(value)
    this.byte(0)
  }

  utf8(value: string): void {
    const { length } = value
    this.#grow(length * 3)
    const bytes = this.#bytes
    const start = this.#length
    if (length > 24) {
      this.#length += bytes.write(value, start, 'utf8')
      return
    }
    for (let index = 0; index < length; index += 1) {
      const code = value.charCodeAt(index)
      if (code > 127) {
        this.#length = start + bytes.write(value, start, 'utf8')
        return
      }
      bytes[start + index] = code
    }
    this.#length = start + length
  }

  /** Inverts the bytes from an offset to the end, which turns their order around. */
  invertFrom(start: number): void {
    for (let index = start; index < this.#length; index += 1) this.#invert(index)
  }

  /** A copy of what was written since an offset. */
  slice(start: number): Buffer {
    return Buffer.from(this.#bytes.subarray(start, this.#length))
  }

  /** What was written. The writer must not be used afterwards. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  #invert(index: number): void {
    this.#bytes[index] = (this.#bytes[index] as number) ^ 255
  }

  #grow(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}
