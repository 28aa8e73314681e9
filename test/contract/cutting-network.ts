import { setTimeout } from 'node:timers/promises'
import { FaultProxy, SeededRandom } from '@varve/testing'

/** Longest and shortest time between two cuts, in milliseconds. */
const pause = { shortest: 300, longest: 900 }

/** A way to a server on which every connection is cut again and again. */
export interface CuttingNetwork {
  /** The server's URL, through the network. */
  readonly url: string
  readonly close: () => Promise<void>
}

/** Starts to cut at once. `VARVE_SEED` plays a run again, as far as timing lets it. */
export async function cuttingNetwork(serverUrl: string): Promise<CuttingNetwork> {
  const random = new SeededRandom(Number(process.env['VARVE_SEED'] ?? Date.now() % 2 ** 32))
  const { hostname, port } = new URL(serverUrl.replace(/^[^:]+:/, 'http:'))
  const proxy = await FaultProxy.start({ host: hostname, port: Number(port) })
  const ended = new AbortController()
  const cutting = cutUntil(ended.signal, proxy, random)
  return {
    url: serverUrl.replace(`:${port}`, `:${proxy.port}`).replace(hostname, '127.0.0.1'),
    close: async () => {
      ended.abort()
      await cutting
      await proxy.close()
    },
  }
}

async function cutUntil(
  signal: AbortSignal,
  proxy: FaultProxy,
  random: SeededRandom,
): Promise<void> {
  while (!signal.aborted) {
    await setTimeout(random.integer(pause.shortest, pause.longest), undefined, { signal }).catch(
      () => undefined,
    )
    proxy.cut()
  }
}
