import { type Constructor, HandlerNotResolvableError, type HandlerScope } from '@varve/core'
import { Container, type Newable } from 'inversify'
import { ScopeClosedError } from './scope-closed-error.ts'

/** The instances of one message; `perMessage` gives the message a container of its own, when it first needs one. */
export class ContainerScope implements HandlerScope {
  readonly #container: Container
  readonly #perMessage: ((container: Container) => void) | undefined
  #own: Container | undefined
  #isClosed = false

  constructor(container: Container, perMessage: ((container: Container) => void) | undefined) {
    this.#container = container
    this.#perMessage = perMessage
  }

  /** @throws {ScopeClosedError} The message is done. */
  resolve<Handler extends object>(handler: Constructor<Handler>): Handler {
    if (this.#isClosed) throw new ScopeClosedError(handler.name)
    try {
      return this.#resolve(handler as unknown as Newable<Handler>)
    } catch (cause) {
      throw new HandlerNotResolvableError(handler.name, { cause })
    }
  }

  /** Runs the deactivations of what the message's own container made, the asynchronous ones too. */
  async close(): Promise<void> {
    this.#isClosed = true
    const own = this.#own
    this.#own = undefined
    await own?.unbindAllAsync()
  }

  #resolve<Handler extends object>(handler: Newable<Handler>): Handler {
    const container = this.#messageContainer()
    if (!container.isBound(handler)) {
      const binding = container.bind(handler).toSelf()
      if (this.#perMessage) binding.inSingletonScope()
    }
    return container.get(handler)
  }

  #messageContainer(): Container {
    if (!this.#perMessage) return this.#container
    if (this.#own) return this.#own
    const own = new Container({ parent: this.#container })
    this.#perMessage(own)
    this.#own = own
    return own
  }
}
