/**
 * Reads a stretch of the stream: a consumer that ends with the read, for whoever goes through history at a pace of his own.
 */
import type { Stored } from '../bus/entry.ts';
import type { Sequence } from '../bus/names.ts';
import { instantOf, type JetStreamConnection } from './jetstream-connection.ts';
import { READ_BYTES } from './log.ts';

/** After so long without the end of the stretch, what has come is the read. */
const STRETCH_MS = 2000;
/** After so long a stretch is over in any case. */
const LATE_MS = STRETCH_MS + 500;

/** Some of the records after a sequence, in order; none only when the leader has none. */
export const readStream = async (
  connection: JetStreamConnection,
  after: Sequence,
  limit: number,
): Promise<ReadonlyArray<Stored>> => {
  const last = await connection.lastSequence();
  if (last <= after) return [];
  const consumer = await connection.consumer(after + 1);
  const messages = await consumer.fetch({ max_messages: limit, expires: STRETCH_MS });
  // An ordered consumer does not end by itself where its server is gone.
  const cancel = connection.options.clock.after(LATE_MS, () => messages.stop());
  const records: Array<Stored> = [];
  let bytes = 0;
  try {
    for await (const message of messages) {
      const { subject, seq, data } = message;
      records.push(connection.decode(subject, seq, instantOf(message), data));
      bytes += data.length;
      if (seq >= last || bytes >= READ_BYTES || records.length === limit) break;
    }
  } finally {
    cancel();
    messages.stop();
    void consumer.delete().catch(() => {});
  }
  if (records.length === 0) throw new Error('the stream has records, and showed none');
  return records;
};
