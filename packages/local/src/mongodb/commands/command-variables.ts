import { isDocument, type BsonDocument, type BsonValue } from '../bson/value.ts'
import { ServerError } from '../errors/server-error.ts'
import { compileExpression, environmentOf, type Variables } from '../expression/expression.ts'
import { assertVariableName } from '../expression/variables.ts'

/**
 * The variables of a command's `let`, and those the server defines.
 *
 * @throws {ServerError} A name or an expression is not allowed.
 */
export function variablesOf(body: BsonDocument): Variables {
  const system = { NOW: new Date() }
  const given = body['let']
  if (!isDocument(given)) return system
  const environment = environmentOf({}, system)
  const entries = Object.keys(given).map((name) => {
    assertVariableName(name)
    const source = given[name] as BsonValue
    assertClosed(source)
    return [name, compileExpression(source)(environment)] as const
  })
  return { ...system, ...Object.fromEntries(entries) }
}

/** Before any document is looked at there are no fields to refer to. */
function assertClosed(source: BsonValue): void {
  if (typeof source === 'string' && source.startsWith('$') && !source.startsWith('$$')) {
    throw new ServerError(
      4890500,
      'Command let Expression tried to access a field, but this is not allowed because command let expressions run before the query examines any documents.',
    )
  }
  if (Array.isArray(source)) source.forEach(assertClosed)
  else if (isDocument(source) && !('$literal' in source))
    for (const name of Object.keys(source)) assertClosed(source[name] as BsonValue)
}
