import type { CommandDefinition } from '../message/command-definition.ts'
import type { Constructor } from '../message/constructor.ts'
import type { ApplicationModel, CommandRoute } from '../model/application-model.ts'
import { UnknownCommandError } from './bus-errors.ts'

/** Finds what a command goes to, by its class or its definition. */
export class CommandRoutes {
  readonly #routes = new Map<unknown, CommandRoute>()
  readonly #known: readonly string[]

  constructor(model: ApplicationModel) {
    this.#known = [...model.commands.keys()]
    for (const route of model.commands.values()) {
      this.#routes.set(route.command.type, route)
      if (route.command.class) this.#routes.set(route.command.class, route)
    }
  }

  /** @throws {UnknownCommandError} Nobody handles it, or it is no command. */
  of<Command extends object>(
    command: Constructor<Command> | CommandDefinition<Command>,
  ): CommandRoute {
    const route = this.#routes.get(typeof command === 'function' ? command : typeOf(command))
    if (!route) throw new UnknownCommandError(nameOf(command), this.#known)
    return route
  }
}

/** What a module exports is undefined for those it imports itself, and callers may have no types. */
function typeOf(command: { readonly type: string } | undefined | null): string | undefined {
  return command?.type
}

function nameOf(command: unknown): string {
  const { name, type = name } = Object(command) as { name?: string; type?: string }
  if (type !== undefined) return `command ${type}`
  return `${String(command)}, which is no command: expected its class or definition, which a circle of imports may leave undefined`
}
