import { ServerError } from './server-error.ts'

/** What a server outside of Atlas answers to everything about search indexes. */
export function searchNotEnabled(): ServerError {
  return new ServerError(
    'SearchNotEnabled',
    'Using Atlas Search Database Commands and the $listSearchIndexes aggregation stage requires additional configuration. Please connect to Atlas or an AtlasCLI local deployment to enable. For more information on how to connect, see https://dochub.mongodb.org/core/atlas-cli-deploy-local-reqs.',
  )
}
