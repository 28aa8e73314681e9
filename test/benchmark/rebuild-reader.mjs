// Asks 200 queries a second for single documents of three read models, and checks that none is ever older than before.
import { createInterface } from 'node:readline'
import { clearInterval, setInterval } from 'node:timers'
import { buildModel } from '@varve/core'
import { MongoConnection, MongoLeaseStore, MongoReadModelStore } from '@varve/mongodb'
import { projectionsOf } from './rebuilt-projections.mjs'
import { wire } from './wiring.mjs'

const { mongoUrl, suffix, streams } = JSON.parse(process.argv[2])
const connection = new MongoConnection({ url: mongoUrl })
const definitions = projectionsOf(suffix)
const { projections } = wire({
  definitions,
  eventStore: {},
  readModels: new MongoReadModelStore({ connection }),
  leases: new MongoLeaseStore({ connection }),
})
const routes = [...buildModel(definitions).readModels.values()]
const everyMs = 5
let tally = fresh()
const seen = new Map()

function fresh() {
  return { times: [], failed: 0, older: 0, holes: 0 }
}

async function ask(count) {
  const route = routes[count % routes.length]
  const _id = `${suffix}-${count % streams}`
  const own = tally
  const key = `${route.model.name}/${_id}`
  const before = seen.get(key) ?? 0
  const startedAt = performance.now()
  try {
    const view = await projections.liveView(route)
    const document = await view.findOne({ _id })
    own.times.push(performance.now() - startedAt)
    if (!document) own.holes += 1
    else if (document.count < before) own.older += 1
    else seen.set(key, Math.max(seen.get(key) ?? 0, document.count))
  } catch (error) {
    own.failed += 1
    console.error(error)
  }
}

let count = 0
let due = performance.now()
const running = new Set()
const timer = setInterval(() => {
  for (; due <= performance.now(); due += everyMs) {
    const asking = ask(count++)
    running.add(asking)
    void asking.finally(() => running.delete(asking))
  }
}, 1)

await Promise.all(routes.map((_, index) => ask(index)))
console.log('ready')
for await (const line of createInterface(process.stdin)) {
  if (line === 'begin') tally = fresh()
  if (line !== 'end') continue
  const { times, ...rest } = tally
  times.sort((a, b) => a - b)
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))]
  const measured = { queries: times.length, p50: at(0.5), p99: at(0.99), max: at(1), ...rest }
  console.log(JSON.stringify(measured))
}
clearInterval(timer)
await Promise.all(running)
await connection.close()
