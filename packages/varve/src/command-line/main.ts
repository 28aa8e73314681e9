import { Command } from 'commander'
import { devCommand } from './dev-command.ts'
import { compatCommand, schemasCommand } from './schemas-command.ts'

/**
 * Runs the `varve` command.
 *
 * @param argv As in `process.argv`.
 * @returns The exit code.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('varve').description('Event sourcing and CQRS for TypeScript.')
  program.addCommand(devCommand())
  program.addCommand(schemasCommand())
  program.addCommand(compatCommand())
  try {
    await program.parseAsync(argv)
    return 0
  } catch (error) {
    console.error(`varve: ${error instanceof Error ? error.message : String(error)}`)
    return 1
  }
}
