// #region server
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { Application } from 'varve'
import { GetLevel } from '../tutorial/stock-levels-2.ts'

export function serveLevels(app: Application) {
  return createServer((request, response) => {
    const itemId = request.url?.slice(1) ?? ''
    sendLevels(app, itemId, response).catch((error: unknown) => response.destroy(error as Error))
  })
}

async function sendLevels(app: Application, itemId: string, response: ServerResponse) {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for await (const level of app.subscribe(new GetLevel(itemId), { signal: gone.signal })) {
    const isTaken = response.write(`data: ${JSON.stringify(level)}\n\n`)
    // A slow client is sent less, and never anything old.
    if (!isTaken) await Promise.race([once(response, 'drain'), once(response, 'close')])
  }
  response.end()
}
// #endregion server
