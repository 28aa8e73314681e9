// Puts core together without a framework package around it, so that the measurements show what core costs.
import {
  buildModel,
  CommandBus,
  createSingletonResolver,
  JsonEventCodec,
  Projections,
  randomIds,
  silentLogger,
  systemClock,
  uncheckedMessages,
} from '@varve/core'

export function wire({ definitions, ...ports }) {
  const model = buildModel(definitions)
  const all = {
    codec: new JsonEventCodec(model.events),
    validator: uncheckedMessages,
    resolver: createSingletonResolver(),
    clock: systemClock,
    ids: randomIds,
    logger: silentLogger,
    model,
    ...ports,
  }
  return {
    commands: new CommandBus(all),
    projections: ports.readModels && new Projections(model, all),
  }
}
