// #region connect
import { MongoConnection, MongoLeaseStore, MongoReadModelStore } from '@varve/mongodb'

const connection = new MongoConnection({ url: 'mongodb://localhost:27017/bank' })
export const readModels = new MongoReadModelStore({ connection })
export const leases = new MongoLeaseStore({ connection })
// …
await connection.close()
// #endregion connect
