import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startClient } from '../start-client.ts'

let server: Awaited<ReturnType<typeof startClient>>
beforeAll(async () => {
  server = await startClient()
  await server.db.collection('rows').insertOne({ n: 1 })
})
afterAll(async () => {
  await server.close()
})

const refusals = [
  [
    { insert: 'rows', documents: [{}], colour: 1 },
    40415,
    "BSON field 'insert.colour' is an unknown field.",
  ],
  [
    { find: 'rows', colour: 1 },
    40415,
    "BSON field 'FindCommandRequest.colour' is an unknown field.",
  ],
  [
    { aggregate: 'rows', pipeline: [], cursor: {}, colour: 1 },
    40415,
    "BSON field 'aggregate.colour' is an unknown field.",
  ],
  [
    { update: 'rows', updates: [{ q: {}, u: {}, colour: 1 }] },
    40415,
    "BSON field 'update.updates.colour' is an unknown field.",
  ],
  [
    { delete: 'rows', deletes: [{ q: {}, limit: 1, colour: 1 }] },
    40415,
    "BSON field 'delete.deletes.colour' is an unknown field.",
  ],
  [
    { createIndexes: 'rows', indexes: [], colour: 1 },
    40415,
    "BSON field 'createIndexes.colour' is an unknown field.",
  ],
  [{ insert: 'rows' }, 40414, "BSON field 'insert.documents' is missing but a required field"],
  [
    { update: 'rows', updates: [{ q: {} }] },
    40414,
    "BSON field 'update.updates.u' is missing but a required field",
  ],
  [
    { delete: 'rows', deletes: [{ q: {} }] },
    40414,
    "BSON field 'delete.deletes.limit' is missing but a required field",
  ],
  [{ distinct: 'rows' }, 40414, "BSON field 'distinct.key' is missing but a required field"],
  [
    { find: 'rows', filter: 'all' },
    14,
    "BSON field 'FindCommandRequest.filter' is the wrong type 'string', expected type 'object'",
  ],
  [
    { find: 'rows', limit: 'ten' },
    14,
    "BSON field 'FindCommandRequest.limit' is the wrong type 'string', expected types '[long, int, decimal, double]'",
  ],
  [
    { insert: 'rows', documents: { n: 1 } },
    14,
    "BSON field 'insert.documents' is the wrong type 'object', expected type 'array'",
  ],
  [
    { insert: 'rows', documents: [{}], ordered: 'yes' },
    14,
    "BSON field 'insert.ordered' is the wrong type 'string', expected types '[bool, long, int, decimal, double]'",
  ],
  [
    { update: 'rows', updates: [{ q: {}, u: 3 }] },
    14,
    "BSON field 'update.updates.u' is the wrong type 'int', expected types '[object, array]'",
  ],
  [
    { delete: 'rows', deletes: [{ q: {}, limit: 2 }] },
    9,
    'The limit field in delete objects must be 0 or 1. Got 2',
  ],
  [{ mapReduce: 'rows' }, 115, 'The command mapReduce is not supported by the development server'],
] as const

describe('a command', () => {
  it.each(refusals)('%j is refused with code %i', async (command, code, message) => {
    const outcome = server.db.command(command)
    if (code === 9)
      await expect(outcome).resolves.toMatchObject({ writeErrors: [{ code, errmsg: message }] })
    else await expect(outcome).rejects.toMatchObject({ code, message })
  })

  it('takes a number for a boolean and null for a missing field', async () => {
    const { writeErrors } = await server.db.command({
      insert: 'rows',
      documents: [{ _id: 1 }, { _id: 1 }, { _id: 2 }],
      ordered: 0,
      let: null,
    })
    expect(writeErrors).toHaveLength(1)
    expect(await server.db.collection('rows').countDocuments({ _id: 2 as never })).toBe(1)
  })

  it('takes variables that are expressions', async () => {
    const rows = server.db.collection('rows')
    const found = rows.find(
      { $expr: { $eq: ['$n', '$$wanted'] } },
      { let: { wanted: { $add: [0, 1] } } },
    )
    expect(await found.toArray()).toHaveLength(1)
    await expect(rows.find({}, { let: { wanted: '$n' } }).toArray()).rejects.toMatchObject({
      code: 4890500,
    })
  })
})
