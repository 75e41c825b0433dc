/**
 * A journal of polls of every kind, and its records changed: so that a test can see whether that is found.
 */
import type { ConnectionRecord } from '../../src/journal/record.ts';
import {
  type BusFixture,
  CACHE_TIMEOUT_MS,
  flushed,
  LONG_POLLING_TIMEOUT_MS,
  pollOf,
  recordedBus,
  settle,
} from './bus-fixture.ts';
import { isConnectionRecord, recordsOf, textsOf } from './records.ts';

/** A hub after polls of every kind: answered from the window and from history, parked, timed out, hung up. */
export const busAfterPolls = async (): Promise<BusFixture> => {
  const bus = await recordedBus();
  const first = await bus.publish('a', { n: 1 });
  await pollOf(bus.node, ['a'], first);
  await bus.publish('a', { n: 2 });
  await bus.publish('b', { n: 3 });
  bus.clock.advance(CACHE_TIMEOUT_MS + 100);
  await pollOf(bus.node, ['b'], bus.oldId);
  await pollOf(bus.node, ['a', 'b']);
  await bus.publish('b', { n: 4 });
  await pollOf(bus.node, ['a'], 'junk');
  bus.clock.advance(LONG_POLLING_TIMEOUT_MS);
  await settle();
  await flushed(bus);
  return bus;
};

export type Change = (record: ConnectionRecord) => ConnectionRecord;

/** Changes the first record that such a one is, and answers which that was. */
export const tampered = (
  lines: ReadonlyArray<string>,
  isTheOne: (record: ConnectionRecord) => boolean,
  change: Change,
): { readonly texts: ReadonlyArray<string>; readonly record: ConnectionRecord } => {
  const records = recordsOf(lines);
  const index = records.findIndex((record) => isConnectionRecord(record) && isTheOne(record));
  const record = records[index];
  if (record === undefined || !isConnectionRecord(record)) throw new Error('no such record');
  return { texts: textsOf(records.with(index, change(record))), record };
};

export const answered = (
  change: (answer: NonNullable<ConnectionRecord['answer']>) => object,
): Change =>
  ((record: ConnectionRecord) =>
    record.answer === undefined
      ? record
      : { ...record, answer: { ...record.answer, ...change(record.answer) } }) as Change;

export const placed = (change: (place: NonNullable<ConnectionRecord['place']>) => object): Change =>
  ((record: ConnectionRecord) =>
    record.place === undefined
      ? record
      : { ...record, place: { ...record.place, ...change(record.place) } }) as Change;

export const hasMessage = ({ answer }: ConnectionRecord): boolean =>
  typeof answer?.sequence === 'number';
export const hasNothing = ({ answer }: ConnectionRecord): boolean => answer?.sequence === null;
export const hasPlace =
  (resume: string) =>
  ({ place }: ConnectionRecord): boolean =>
    place?.resume === resume;

export const flipped = (sha256: string): string =>
  (sha256.startsWith('0') ? '1' : '0') + sha256.slice(1);

export const withOtherDigest: Change = answered(({ sha256 }) => ({ sha256: flipped(sha256) }));
