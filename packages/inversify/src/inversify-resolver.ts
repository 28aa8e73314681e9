import type { HandlerResolver, HandlerScope } from '@varve/core'
import type { Container } from 'inversify'
import { ContainerScope } from './container-scope.ts'

/** Options of {@link InversifyResolver}. */
export interface InversifyResolverOptions {
  /**
   * Binds what lives as long as one message, such as a unit of work, in a container of the message's own, a child of the
   * application's. Called at the first `resolve` of a message, so a message that resolves nothing has none. Default: no
   * message has a container of its own, which costs a hundredth.
   */
  readonly perMessage?: (container: Container) => void
}

/**
 * Resolves handlers, projections and what they inject from the application's own container.
 *
 * Classes that are bound are resolved as they are bound. A handler class that is not bound is bound to itself: in the
 * container of the message where there is one, once per message; else in the application's, in the scope `@injectable` names,
 * or transient. What a handler injects is never bound by itself.
 */
export class InversifyResolver implements HandlerResolver {
  readonly #container: Container
  readonly #options: InversifyResolverOptions

  constructor(container: Container, options: InversifyResolverOptions = {}) {
    this.#container = container
    this.#options = options
  }

  open(): HandlerScope {
    return new ContainerScope(this.#container, this.#options.perMessage)
  }
}
