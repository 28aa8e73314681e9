import {
  type AggregateDefinition,
  type ApplicationModel,
  type CommandResult,
  JsonEventCodec,
  type StreamName,
} from '@varve/core'
import { Bench } from './bench.ts'
import type { CommandSent } from './command-to-send.ts'
import type { GivenEvent } from './given-event.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import type { SpecificationOptions } from './specification-options.ts'

/** What the examples of one aggregate share. */
export interface AggregateFacts {
  readonly model: ApplicationModel
  readonly definition: AggregateDefinition
  readonly options: SpecificationOptions
}

/** An event as it is compared and shown. */
export interface ShownEvent {
  readonly type: string
  readonly data: object
}

/** What an example came to. */
export interface AggregateEnd<State> {
  /** What the last command recorded, read back from the log. */
  readonly events: readonly ShownEvent[]
  readonly state: State
  /** Of the last command. */
  readonly outcome: Outcome<CommandResult | undefined>
}

/** An example: an aggregate's past and the commands sent to it. Plays in a world of its own, each time. */
export class AggregateStory<State> {
  readonly #facts: AggregateFacts
  readonly #given: readonly GivenEvent[]
  readonly #sent: readonly CommandSent[]

  constructor(facts: AggregateFacts, given: readonly GivenEvent[], sent: readonly CommandSent[]) {
    this.#facts = facts
    this.#given = given
    this.#sent = sent
  }

  /** Names the example's aggregate and last command, for people. */
  get subject(): string {
    const { category } = this.#facts.definition
    const last = this.#sent.at(-1)
    return last ? `"${this.#typeOf(last)}" on ${category}` : category
  }

  /** Returns the example with one more command. */
  with(command: CommandSent): AggregateStory<State> {
    return new AggregateStory(this.#facts, this.#given, [...this.#sent, command])
  }

  /** Tells the example from its start. A command before the last one must succeed. */
  async play(): Promise<AggregateEnd<State>> {
    const { model, definition, options } = this.#facts
    const { category } = definition
    const aggregateId = this.#aggregateId()
    await using bench = new Bench(model, options)
    await bench.record(this.#given, { category, aggregateId })
    const last = this.#sent.at(-1)
    for (const command of this.#sent.slice(0, -1)) await send(bench, command)
    const { length } = await bench.log()
    const outcome = await outcomeOf(async () => last && send(bench, last))
    const recorded = (await bench.log()).slice(length)
    const events = recorded.map((event) => ({
      type: event.type,
      data: bench.codec.decode(event),
    }))
    const { state } = await bench.commands.repositoryOf(category).load(aggregateId)
    return { events, state: state as State, outcome }
  }

  /** Brings expected events into the form they are compared in, through the codec. */
  show(events: readonly object[]): readonly ShownEvent[] {
    const codec = new JsonEventCodec(this.#facts.model.events)
    return events.map((event) => {
      const { type, data, schemaVersion } = codec.encode(event)
      const written: unknown = JSON.parse(JSON.stringify(data))
      const recorded = { ...placeholder, type, data: written, metadata: { schemaVersion } }
      return { type, data: codec.decode(recorded) }
    })
  }

  #typeOf({ command }: CommandSent): string {
    for (const { command: known } of this.#facts.model.commands.values())
      if (known === command || known.class === command) return known.type
    return typeof command === 'function' ? command.name : command.type
  }

  /** The commands say which aggregate it is; without any the events do. */
  #aggregateId(): string {
    const { model, options } = this.#facts
    for (const { command, payload } of this.#sent)
      for (const { command: known } of model.commands.values())
        if (known === command || known.class === command) {
          const id: unknown = known.aggregateId(payload)
          if (typeof id === 'string' && id !== '') return id
        }
    const named = this.#given.find((one) => one.aggregateId !== undefined)
    return options.aggregateId ?? named?.aggregateId ?? '1'
  }
}

const placeholder = {
  id: '00000000-0000-4000-8000-000000000000',
  stream: 'expected-1' as StreamName,
  revision: 0n,
  position: 0n,
  recordedAt: new Date(0),
}

function send(bench: Bench, { command, payload, options }: CommandSent): Promise<CommandResult> {
  const { at, ...rest } = options
  if (at) bench.clock.moveTo(at)
  return bench.commands.execute(command, payload, rest)
}
