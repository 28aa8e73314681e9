import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { guardBatchStream } from '../../src/connection/guard-batch-stream.ts'

class Stream extends EventEmitter {
  readonly written: unknown[] = []

  write(message: unknown): boolean {
    this.written.push(message)
    return false
  }
}

describe('the stream of appends', () => {
  test('outlives an answer nobody waits for', () => {
    const stream = new Stream()
    const answers: unknown[] = []
    stream.on('data', (answer: unknown) => {
      if (answer === 'late') throw new TypeError('undefined is not iterable')
      answers.push(answer)
    })
    guardBatchStream(stream, () => undefined)
    for (const answer of ['late', 'in time']) stream.emit('data', answer)
    expect(answers).toEqual(['in time'])
  })

  test('tells its own failure and spares the appends of other clients', () => {
    const stream = new Stream()
    const heard: string[] = []
    stream.on('error', () => heard.push('all clients'))
    guardBatchStream(stream, ({ message }) => heard.push(message))
    stream.emit('error', new Error('lost'))
    expect(heard).toEqual(['lost'])
  })

  test('takes a call the server completes for a loss', () => {
    const stream = new Stream()
    const codes: unknown[] = []
    guardBatchStream(stream, (failure) => codes.push((failure as { code?: number }).code))
    stream.emit('status', { code: 14 })
    stream.emit('status', { code: 0 })
    expect(codes).toEqual([14])
  })

  test('never makes a writer wait', () => {
    const stream = new Stream()
    guardBatchStream(stream, () => undefined)
    expect((stream as EventEmitter & { write(message: unknown): boolean }).write('one')).toBe(true)
    expect(stream.written).toEqual(['one'])
  })
})
