export {
  type ExpectedFields,
  type MatcherResult,
  specificationMatchers,
} from './specification-matchers.ts'
