import { frame, framed, nested, text, delimited } from '../wire/protobuf.ts'

/** Version of EventStoreDB whose behaviour this server has. */
export const SERVER_VERSION = '24.6.0'

const PERSISTENT_FEATURES = ['stream', 'all']

/** What clients look up to choose their way of doing things. Paths are lower-case, as the server reports them. */
const METHODS: readonly (readonly [service: string, methods: readonly string[]])[] = [
  ['streams.streams', ['read', 'append', 'delete', 'tombstone', 'batchappend']],
  [
    'persistent_subscriptions.persistentsubscriptions',
    ['create', 'update', 'delete', 'read', 'getinfo', 'replayparked', 'list', 'restartsubsystem'],
  ],
  ['server_features.serverfeatures', ['getsupportedmethods']],
  ['gossip.gossip', ['read']],
]

/** The framed answer to `ServerFeatures/GetSupportedMethods`. */
export function supportedMethods(): Buffer {
  const writer = frame()
  for (const [service, methods] of METHODS) {
    for (const method of methods) {
      nested(writer, 1, (entry) => {
        text(entry, 1, method)
        text(entry, 2, `event_store.client.${service}`)
        for (const feature of featuresOf(service, method)) delimited(entry, 3).string(feature)
      })
    }
  }
  return framed(text(writer, 2, SERVER_VERSION))
}

function featuresOf(service: string, method: string): readonly string[] {
  if (service.startsWith('persistent')) return PERSISTENT_FEATURES
  if (service !== 'streams.streams') return []
  if (method === 'read') return ['position', 'events']
  return method === 'batchappend' ? ['deadline_duration'] : []
}
