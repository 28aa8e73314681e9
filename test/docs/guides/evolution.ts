import { consumed, read } from './evolution/stored-json.ts'

const show = (events: readonly object[]): void =>
  console.log(
    events.map((event) => `${event.constructor.name} ${JSON.stringify(event)}`).join('\n'),
  )

show(read('parcel.registered', 1, '{ "name": "Ada", "weight": "1.5" }'))
show(read('parcel.sent', 1, '{ "to": "London", "insuredFor": 5000 }'))
show(read('parcel.sent', 1, '{ "to": "Paris", "insuredFor": 0 }'))
console.log(`version ${consumed.schemaVersion} ${JSON.stringify(consumed.data)}`)
