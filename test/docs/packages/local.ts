// #region host
import { hostServers } from '@varve/local'

const servers = await hostServers() // in memory, on free ports of 127.0.0.1
console.log(servers.eventStoreUrl) // esdb://127.0.0.1:…?tls=false
console.log(servers.mongoUrl) // mongodb://127.0.0.1:…
await servers.close()
// #endregion host
