export {
  ClassValidatorMessages,
  type ClassValidatorMessagesOptions,
} from './class-validator-messages.ts'
