import type { Logger } from '../environment/logger.ts'
import { VarveError } from '../varve-error.ts'
import type { Constructor } from './constructor.ts'

/** Instances for the time of one message. */
export interface HandlerScope {
  /** Returns the instance of a handler class, with what it injects. */
  resolve<Handler extends object>(handler: Constructor<Handler>): Handler
  /** Frees what the scope made. */
  close(): Promise<void>
}

/** Finds handler instances: the seam to a dependency-injection container. */
export interface HandlerResolver {
  /** Opens a scope for one message. */
  open(): HandlerScope
}

/** Closes a scope after its message is done; what fails then is logged and changes no answer. */
export async function closeScope(scope: HandlerScope, logger: Logger): Promise<void> {
  try {
    await scope.close()
  } catch (error) {
    logger.warn('What a handler injected could not be freed.', { error })
  }
}

/** A handler class needs constructor arguments, but there is no container to give them. */
export class HandlerNotResolvableError extends VarveError {
  readonly code = 'HANDLER_NOT_RESOLVABLE'
  constructor(
    readonly handler: string,
    options?: ErrorOptions,
  ) {
    const reason = options?.cause instanceof Error ? `: ${options.cause.message}` : ''
    super(
      `Handler "${handler}" could not be made${reason}. Give it a constructor without arguments, or pass a container that knows what it injects.`,
      options,
    )
  }
}

/** Makes handlers with `new` and no arguments, once each: for applications without a container. */
export function createSingletonResolver(): HandlerResolver {
  const instances = new Map<unknown, object>()
  const scope: HandlerScope = {
    resolve<Handler extends object>(handler: Constructor<Handler>): Handler {
      const known = instances.get(handler)
      if (known) return known as Handler
      try {
        const made = new (handler as unknown as new () => Handler)()
        instances.set(handler, made)
        return made
      } catch (cause) {
        throw new HandlerNotResolvableError(handler.name, { cause })
      }
    },
    close: () => Promise.resolve(),
  }
  return { open: () => scope }
}
