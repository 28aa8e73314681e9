import { frame, framed, nested, text, varint, type Writer } from './protobuf.ts'

/** A framed `ReadResp` that confirms a consumer. */
export function consumerConfirmed(subscriptionId: string): Buffer {
  return framed(nested(frame(), 2, (confirmation) => text(confirmation, 1, subscriptionId)))
}

/** The framed empty message that answers create, update, delete, replay and restart. */
export const DONE: Buffer = framed(frame())

/** Values of a message by field number: text, number, or nested messages. */
export type FieldValues = Readonly<
  Record<number, string | number | boolean | readonly FieldValues[]>
>

/** A framed `GetInfoResp`. */
export function subscriptionInfo(info: FieldValues): Buffer {
  return framed(nested(frame(), 1, (inner) => writeFields(inner, info)))
}

/** A framed `ListResp`. */
export function subscriptionList(infos: readonly FieldValues[]): Buffer {
  const writer = frame()
  for (const info of infos) nested(writer, 1, (inner) => writeFields(inner, info))
  return framed(writer)
}

function writeFields(writer: Writer, values: FieldValues): Writer {
  for (const [key, value] of Object.entries(values)) {
    const field = Number(key)
    if (typeof value === 'string') text(writer, field, value)
    else if (typeof value === 'object') {
      for (const item of value) nested(writer, field, (inner) => writeFields(inner, item))
    } else varint(writer, field, Number(value))
  }
  return writer
}
