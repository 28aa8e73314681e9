// #region conflict
import {
  Aggregate,
  AggregateId,
  AggregateRoot,
  Applies,
  Command,
  type Conflict,
  Event,
  Handles,
} from 'varve'

@Event('poll.voted')
class Voted {
  constructor(
    readonly voter: string,
    readonly choice: string,
  ) {}
}

@Command('poll.vote')
export class Vote {
  @AggregateId() readonly pollId!: string
  readonly voter!: string
  readonly choice!: string
}

@Aggregate('poll')
export class Poll extends AggregateRoot {
  private readonly votes = new Map<string, string>()

  @Handles(Vote, { onConflict: keepFirstVote })
  vote({ voter, choice }: Vote) {
    if (!this.votes.has(voter)) this.emit(new Voted(voter, choice))
  }

  @Applies(Voted)
  voted({ voter, choice }: Voted) {
    this.votes.set(voter, choice)
  }
}

/** What others voted matters only where it was the same voter. */
function keepFirstVote({ command, decided, unseen }: Conflict<Poll, Vote>) {
  const isVoted = unseen.some((event) => event instanceof Voted && event.voter === command.voter)
  return isVoted ? [] : decided
}
// #endregion conflict
