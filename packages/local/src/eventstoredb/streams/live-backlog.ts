/** Events a live subscription may be behind before it counts as catching up again. */
export const LIVE_BACKLOG_EVENTS = 1024

/** Events a subscription reads at once at most. */
export const MOST_PAGE_EVENTS = 1024
