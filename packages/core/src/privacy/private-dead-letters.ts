import type { DeadLetter, DeadLetterStore } from '../dead-letter/dead-letter-store.ts'
import type { ReadModelCommit, ReadModelStore } from '../read-model/read-model-store.ts'
import type { PrivateEvents } from './private-events.ts'

/** Read models whose dead letters hold events as they stand in the log: personal data stays sealed. */
export function withPrivateDeadLetters(
  store: ReadModelStore,
  events: PrivateEvents,
): ReadModelStore {
  const deadLetters = privateDeadLetters(store.deadLetters, events)
  const commit = (what: ReadModelCommit): ReturnType<ReadModelStore['commit']> =>
    store.commit(
      what.deadLetters
        ? { ...what, deadLetters: what.deadLetters.map((letter) => sealed(letter, events)) }
        : what,
    )
  return replacing(store, { deadLetters, commit })
}

function privateDeadLetters(store: DeadLetterStore, events: PrivateEvents): DeadLetterStore {
  const openAll = (letters: readonly DeadLetter[]) => opened(letters, events)
  return replacing(store, {
    async *list(filter) {
      for await (const page of store.list(filter)) yield await openAll(page)
    },
    heads: async (filter) => openAll(await store.heads(filter)),
    queue: async (queue, limit) => openAll(await store.queue(queue, limit)),
    put: (letters) => store.put(letters.map((letter) => sealed(letter, events))),
  })
}

async function opened(
  letters: readonly DeadLetter[],
  events: PrivateEvents,
): Promise<readonly DeadLetter[]> {
  const recorded = await events.open(letters.map(({ event }) => event))
  return letters.map((letter, index) => ({ ...letter, event: recorded[index] ?? letter.event }))
}

function sealed(letter: DeadLetter, events: PrivateEvents): DeadLetter {
  return { ...letter, event: events.sealedForm(letter.event) }
}

/** The port with some members replaced; the others are called on the original. */
function replacing<Port extends object>(port: Port, replaced: Partial<Port>): Port {
  return new Proxy(port, {
    get(target, name) {
      if (Object.hasOwn(replaced, name)) return replaced[name as keyof Port]
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? (member.bind(target) as unknown) : member
    },
  })
}
