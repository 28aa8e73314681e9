import type { ConsumerStrategy } from '@varve/core'
import type { GroupMessage } from './group-message.ts'

/** What a strategy knows of a member. */
export interface Candidate {
  /** How many more messages it takes. */
  readonly room: number
}

/**
 * Chooses the member for a message; undefined where none can take it now.
 *
 * @param turn Number of messages handed out so far.
 */
export function chooseMember<Member extends Candidate>(
  strategy: ConsumerStrategy,
  members: readonly Member[],
  message: GroupMessage,
  turn: number,
): Member | undefined {
  const hasRoom = ({ room }: Member): boolean => room > 0
  switch (strategy) {
    case 'dispatch-to-single':
      return members.find(hasRoom)
    case 'round-robin': {
      const next = members.length === 0 ? 0 : turn % members.length
      return [...members.slice(next), ...members.slice(0, next)].find(hasRoom)
    }
    case 'pinned': {
      const member = members[hashOf(message.event.stream) % members.length]
      return member && hasRoom(member) ? member : undefined
    }
  }
}

function hashOf(text: string): number {
  let hash = 7
  for (const character of text) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0
  return hash
}
