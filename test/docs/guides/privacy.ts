// #region start
import { createApplication } from 'varve'
import {
  Customer,
  CustomerCards,
  GetCard,
  GetCardHandler,
  Register,
  SendGift,
} from './customers.ts'

await using app = await createApplication({
  definitions: [Customer, CustomerCards, GetCardHandler],
  eventStore: process.env['EVENTS_URL'] ?? 'memory:',
  readModels: process.env['READ_MODELS_URL'] ?? 'memory:',
  // openssl rand -base64 32
  privacy: {
    masterKey: process.env['MASTER_KEY'] ?? 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=',
  },
})
// #endregion start

await app.execute(Register, { customerId: 'ada', name: 'Ada King' })
const after = await app.execute(SendGift, {
  customerId: 'ada',
  to: { id: 'charles', name: 'Charles Babbage' },
})
await app.query(new GetCard('ada'), { after })

// #region forget
const { projections } = await app.forget('ada')
const { name, gifts } = await app.load(Customer, 'ada')
console.log(`${name} sent a gift to ${gifts.join()}`)

const before = await app.query(new GetCard('ada'))
console.log(`${projections.join()} still says ${before?.name}`)
for (const projection of projections) await app.projections.rebuild(projection)
const rebuilt = await app.query(new GetCard('ada'))
console.log(`now it says ${rebuilt?.name} of ${rebuilt?.country}`)
// #endregion forget

// #region rebuild
await app.forget('charles', { rebuild: true })
console.log((await app.load(Customer, 'ada')).gifts.join())
// #endregion rebuild
