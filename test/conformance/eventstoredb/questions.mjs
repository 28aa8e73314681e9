import { appendQuestions } from './append-questions.mjs'
import { retryQuestions } from './retry-questions.mjs'
import { readQuestions } from './read-questions.mjs'
import { deletionQuestions } from './deletion-questions.mjs'
import { subscriptionQuestions } from './subscription-questions.mjs'
import { linkQuestions } from './link-questions.mjs'
import { persistentSubscriptionQuestions } from './persistent-subscription-questions.mjs'
import { openSession } from './session.mjs'

/** Opens a session with every question there is. */
export function openConformanceSession(url) {
  const session = openSession(url)
  appendQuestions(session)
  retryQuestions(session)
  readQuestions(session)
  deletionQuestions(session)
  subscriptionQuestions(session)
  linkQuestions(session)
  persistentSubscriptionQuestions(session)
  return session
}
