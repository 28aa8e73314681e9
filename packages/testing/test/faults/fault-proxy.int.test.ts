import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FaultProxy, faultScript, SeededRandom } from '../../src/index.ts'

let echo: Server
let proxy: FaultProxy
const clients: Socket[] = []

beforeEach(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  proxy = await FaultProxy.start({ port: (echo.address() as AddressInfo).port })
})

afterEach(async () => {
  await proxy.close()
  for (const client of clients.splice(0)) client.destroy()
  echo.close()
  await once(echo, 'close')
})

async function client(): Promise<Socket> {
  const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => undefined)
  clients.push(socket)
  await once(socket, 'connect')
  return socket
}

function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

async function answer(socket: Socket, bytes: number): Promise<string> {
  let received = ''
  while (received.length < bytes) received += String((await once(socket, 'data'))[0])
  return received
}

test('without a fault every byte comes through, in both directions', async () => {
  const socket = await client()
  const text = 'x'.repeat(1_000_000) + 'end'
  const received = answer(socket, text.length)
  socket.write(text)
  expect((await received).endsWith('end')).toBe(true)
  expect(proxy.connections).toBe(1)
})

test('the end of a client reaches the server, and its last bytes come back', async () => {
  const socket = await client()
  const received = answer(socket, 4)
  socket.end('last')
  expect(await received).toBe('last')
  await once(socket, 'end')
})

describe('a cut', () => {
  test('resets what is open and lets new connections through', async () => {
    const socket = await client()
    const closed = closing(socket)
    socket.write('before')
    await answer(socket, 6)
    proxy.cut()
    await closed
    const again = await client()
    again.write('after')
    expect(await answer(again, 5)).toBe('after')
  })

  test('closes a connection whose end was just passed on', async () => {
    await client()
    await expect.poll(() => proxy.connections).toBe(1)
    proxy.halfClose()
    proxy.cut()
    await expect.poll(() => proxy.connections).toBe(0)
  })
})

describe('a refusal', () => {
  test('resets new connections until it is healed', async () => {
    proxy.refuse()
    const refused = connect({ port: proxy.port, host: '127.0.0.1' })
    clients.push(refused)
    refused.on('error', () => undefined)
    await closing(refused)
    proxy.heal()
    const socket = await client()
    socket.write('after')
    expect(await answer(socket, 5)).toBe('after')
  })
})

describe('a black hole', () => {
  test('holds bytes back, and loses none when it is healed', async () => {
    const socket = await client()
    let received = ''
    socket.on('data', (chunk) => (received += String(chunk)))
    proxy.blackHole()
    socket.write('held')
    // Another way through, so as to wait for longer than an echo takes.
    const other = await FaultProxy.start({ port: (echo.address() as AddressInfo).port })
    const witness = connect({ port: other.port, host: '127.0.0.1' })
    clients.push(witness)
    witness.write('seen')
    await answer(witness, 4)
    expect(received).toBe('')
    proxy.heal()
    await once(socket, 'data')
    expect(received).toBe('held')
    witness.destroy()
    await other.close()
  })
})

describe('a half-close', () => {
  test('ends the answers while the client may still send', async () => {
    const socket = await client()
    socket.write('one')
    await answer(socket, 3)
    proxy.halfClose()
    socket.resume()
    await once(socket, 'end')
    expect(socket.writable).toBe(true)
  })
})

describe('delay and throttle', () => {
  test('hold bytes up by what they say, in order', async () => {
    const socket = await client()
    proxy.delay(40)
    const start = performance.now()
    socket.write('a')
    socket.write('b')
    expect(await answer(socket, 2)).toBe('ab')
    // There and back.
    expect(performance.now() - start).toBeGreaterThanOrEqual(79)
  })

  test('slow a stream down to a rate', async () => {
    const socket = await client()
    proxy.throttle(1_000_000)
    const start = performance.now()
    const received = answer(socket, 200_000)
    socket.write('x'.repeat(200_000))
    await received
    expect(performance.now() - start).toBeGreaterThanOrEqual(100)
  })
})

describe('a script', () => {
  test('plays every step, tells of it and leaves the network healed', async () => {
    const random = new SeededRandom(3)
    const script = faultScript(random, { steps: 8, maxPauseMs: 5, maxFaultMs: 5 })
    const played: unknown[] = []
    await proxy.play(script, { onStep: (step) => played.push(step) })
    expect(played).toEqual(script)
    const socket = await client()
    socket.write('after')
    expect(await answer(socket, 5)).toBe('after')
  })

  test('can be aborted, and heals then too', async () => {
    const abort = new AbortController()
    const script = [{ pauseMs: 1, fault: { kind: 'refuse' }, lastsMs: 60_000 }] as const
    const playing = proxy.play(script, { onStep: () => abort.abort(), signal: abort.signal })
    await expect(playing).rejects.toMatchObject({ name: 'AbortError' })
    const socket = await client()
    socket.write('after')
    expect(await answer(socket, 5)).toBe('after')
  })
})

test('a target that is down resets the client', async () => {
  const dead = await FaultProxy.start({ port: 1 })
  const socket = connect({ port: dead.port, host: '127.0.0.1' })
  socket.on('error', () => undefined)
  clients.push(socket)
  await closing(socket)
  await dead.close()
})
