import { resolve } from 'node:path'
import { hostServers } from '@varve/local'
import { Command, InvalidArgumentError } from 'commander'

interface DevOptions {
  readonly portEventstoredb: number
  readonly portMongodb: number
  readonly data: string
  readonly memory?: true
}

/** `varve dev`: the development servers as a process of their own. */
export function devCommand(): Command {
  return new Command('dev')
    .description(
      'Run the development servers for the EventStoreDB and MongoDB protocols. Never for production.',
    )
    .option('--port-eventstoredb <port>', 'port for EventStoreDB clients', portOf, 2113)
    .option('--port-mongodb <port>', 'port for MongoDB clients', portOf, 27017)
    .option('--data <folder>', 'folder of the data', '.varve')
    .option('--memory', 'keep everything in memory')
    .action(runServers)
}

async function runServers(options: DevOptions): Promise<void> {
  const { portEventstoredb, portMongodb, data, memory } = options
  const servers = await hostServers({
    eventStoreDBPort: portEventstoredb,
    mongoDBPort: portMongodb,
    ...(memory ? {} : { data: resolve(data) }),
  })
  console.log(`EventStoreDB protocol  ${servers.eventStoreUrl}`)
  console.log(`MongoDB protocol       ${servers.mongoUrl}`)
  console.log(`Data                   ${memory ? 'in memory' : resolve(data)}`)
  console.log('For development only. Stop with Ctrl+C.')
  await new Promise<void>((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop())
  })
  await servers.close()
}

function portOf(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('Expected a port from 0 to 65535; 0 takes any that is free.')
  return port
}
