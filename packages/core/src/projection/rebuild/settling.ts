/** Documents, or versions of them, that are read at a time. */
export const pageSize = 500

/** Most of them that are looked at again, so that memory stays bounded. */
export const maxMoving = 10_000

/** How often what differs is looked at again. */
export const maxRounds = 20

/** Pause between two looks, in milliseconds. */
export const roundMs = 100

/** What is on one side only may be a moment late on the other. */
export const roundsForMissing = 10
