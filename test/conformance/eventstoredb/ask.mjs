#!/usr/bin/env node
// Why: the answers of a real server are the reference; this prints those of any server in the same form.
//
//   node test/conformance/eventstoredb/ask.mjs 'esdb://127.0.0.1:2113?tls=false' > answers.json
import { openConformanceSession } from './questions.mjs'

const [url] = process.argv.slice(2)
if (!url) throw new Error('usage: ask.mjs <connection string>')
const session = openConformanceSession(url)
const { serverVersion } = await session.client.capabilities
const answers = {}
for (const name of session.questions.keys()) answers[name] = await session.ask(name)
console.log(JSON.stringify({ server: serverVersion, answers }, null, 1))
await session.close()
process.exit(0)
