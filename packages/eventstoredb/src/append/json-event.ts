/**
 * A JSON event whose text is already made, in the shape the client sends.
 *
 * The client would make the text itself, by way of base64, and never settle where it cannot. It reads the
 * content type twice per event: first as the label the server stores, then to choose how to take the data.
 * Answering the second time with "bytes" hands it the finished text.
 */
export class JsonEvent {
  readonly id: string
  readonly type: string
  readonly data: Uint8Array
  readonly metadata: Uint8Array | undefined
  #isLabelled = false

  constructor(
    id: string,
    type: string,
    payload: { readonly data: Uint8Array; readonly metadata: Uint8Array | undefined },
  ) {
    this.id = id
    this.type = type
    this.data = payload.data
    this.metadata = payload.metadata
  }

  get contentType(): 'application/json' | 'application/octet-stream' {
    this.#isLabelled = !this.#isLabelled
    return this.#isLabelled ? 'application/json' : 'application/octet-stream'
  }
}
