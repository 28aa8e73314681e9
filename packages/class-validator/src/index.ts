export {
  ClassValidatorMessages,
  type ClassValidatorMessagesOptions,
} from './class-validator-messages.ts'
export { schemaOfClass } from './schema-of-class.ts'
