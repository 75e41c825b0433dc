/**
 * The answers that bring entries, encoded: one buffer for all whom an entry answers at once.
 */
import type { Entry } from '../bus/entry.ts';
import type { Epoch } from '../bus/names.ts';
import { encodeResponse } from '../bus/response.ts';

export class Bodies {
  #last: { readonly entry: Entry; readonly body: Uint8Array } | undefined;

  /** The response's JSON in UTF-8. */
  of(entry: Entry, epoch: Epoch): Uint8Array {
    if (this.#last?.entry !== entry) {
      this.#last = { entry, body: Buffer.from(encodeResponse(entry, epoch)) };
    }
    return this.#last.body;
  }

  /** The life of the log is over: an entry of the next one has another id. */
  clear(): void {
    this.#last = undefined;
  }
}
