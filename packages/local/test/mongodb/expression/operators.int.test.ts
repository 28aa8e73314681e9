import { Binary, Long, Timestamp } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startClient } from '../start-client.ts'

let server: Awaited<ReturnType<typeof startClient>>
beforeAll(async () => {
  server = await startClient()
})
afterAll(async () => {
  await server.close()
})

const evaluate = async (expression: unknown) => {
  const [row] = await server.client
    .db('bank')
    .aggregate([{ $documents: [{}] }, { $project: { value: expression } }])
    .toArray()
  return row?.['value'] as unknown
}

describe('an expression', () => {
  it.each([
    [{ $bitAnd: [12, 10] }, 8],
    [{ $bitOr: [12, 3] }, 15],
    [{ $bitXor: [12, 10, 1] }, 7],
    [{ $bitNot: 0 }, -1],
    [{ $bitAnd: [Long.fromNumber(12), 4] }, 4],
    [{ $bitAnd: [null, 1] }, null],
    [{ $binarySize: 'äx' }, 3],
    [{ $binarySize: new Binary(Buffer.alloc(5)) }, 5],
    [{ $tsSecond: new Timestamp({ t: 7, i: 3 }) }, 7],
    [{ $tsIncrement: new Timestamp({ t: 7, i: 3 }) }, 3],
    [{ $week: new Date('2024-01-06') }, 0],
    [{ $week: new Date('2024-01-07') }, 1],
    [{ $tanh: 0 }, 0],
    [
      {
        $let: { vars: { a: 2 }, in: { $map: { input: [1, 2], in: { $add: ['$$this', '$$a'] } } } },
      },
      [3, 4],
    ],
    [{ $reduce: { input: [1, 2], initialValue: 0, in: { $add: ['$$value', '$$this'] } } }, 3],
    [{ $filter: { input: [1, 5], as: 'n', cond: { $gt: ['$$n', 2] } } }, [5]],
  ])('%j is %j', async (expression, value) => {
    expect(await evaluate(expression)).toEqual(value)
  })

  it('with a variable nobody defines is refused, also without any document', async () => {
    const nothing = server.db.collection('nothing')
    await expect(
      nothing.find({ $expr: { $eq: ['$a', '$$nobody'] } }).toArray(),
    ).rejects.toMatchObject({ code: 17276 })
    await expect(evaluate({ $map: { input: [], as: 'x', in: '$$y' } })).rejects.toMatchObject({
      code: 17276,
    })
  })

  it('that the server has and this one has not is refused as such', async () => {
    await expect(evaluate({ $toUUID: 'x' })).rejects.toMatchObject({ code: 115 })
    await expect(evaluate({ $fly: 1 })).rejects.toMatchObject({ code: 168 })
  })
})
