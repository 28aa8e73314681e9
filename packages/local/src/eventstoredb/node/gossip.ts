import { frame, framed, nested, text, varint, delimited } from '../wire/protobuf.ts'

const LEADER = 8
const TICKS_PER_MS = 10_000

/** Where the one node of this cluster can be reached. */
export interface NodeAddress {
  readonly id: string
  readonly host: string
  readonly port: number
}

/** The framed answer to `Gossip/Read`: a cluster of one leader. */
export function clusterInfo({ id, host, port }: NodeAddress): Buffer {
  return framed(
    nested(frame(), 1, (member) => {
      nested(member, 1, (uuid) => delimited(uuid, 2).string(id))
      varint(member, 2, Date.now() * TICKS_PER_MS)
      varint(member, 3, LEADER)
      varint(member, 4, 1)
      nested(member, 5, (endpoint) => {
        text(endpoint, 1, host)
        varint(endpoint, 2, port)
      })
    }),
  )
}
