import { searchNotEnabled } from '../errors/search-not-enabled.ts'
import type { Command } from './command.ts'

/** The commands for search indexes: like every server outside of Atlas, this one refuses them. */
export const searchIndexCommand: Command = {
  run: () => {
    throw searchNotEnabled()
  },
}
