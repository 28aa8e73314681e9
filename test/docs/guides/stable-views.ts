// #region views
import { type MongoConnection, MongoLeaseStore, MongoReadModelStore } from '@varve/mongodb'

/** For `createApplication({ readModels })`. */
export function openReadModels(connection: MongoConnection) {
  return {
    readModels: new MongoReadModelStore({ connection, views: true }),
    leases: new MongoLeaseStore({ connection }),
  }
}
// #endregion views
