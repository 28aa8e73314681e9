import { describe, expect, it } from 'vitest'
import { MessageAssembler } from '../../src/eventstoredb/grpc/message-assembler.ts'

const framed = (text: string): Buffer => {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(Buffer.byteLength(text), 1)
  return Buffer.concat([prefix, Buffer.from(text)])
}

const assembled = (chunks: readonly Buffer[]): string[] => {
  const assembler = new MessageAssembler()
  const messages: string[] = []
  for (const chunk of chunks) assembler.push(chunk, (message) => messages.push(message.toString()))
  return messages
}

describe('the message assembler', () => {
  const bytes = Buffer.concat([framed('first'), framed(''), framed('third')])

  it('cuts several messages out of one chunk', () => {
    expect(assembled([bytes])).toEqual(['first', '', 'third'])
  })

  it('joins messages that come in pieces, wherever they are cut', () => {
    for (let size = 1; size < bytes.length; size += 1) {
      const chunks: Buffer[] = []
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
      expect(assembled(chunks)).toEqual(['first', '', 'third'])
    }
  })

  it('refuses compressed messages', () => {
    expect(() => assembled([Buffer.from([1, 0, 0, 0, 0])])).toThrow(/not supported/)
  })

  it('refuses a message of more than 16 MiB before it has come', () => {
    expect(() => assembled([Buffer.from([0, 1, 0, 0, 0])])).toThrow(/maximum/)
  })
})
