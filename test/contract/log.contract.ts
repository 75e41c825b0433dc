/**
 * What every log keeps, whatever it is made of: the comments of `src/log/log.ts` as tests.
 *
 * Each test has a log of its own, with two handles where the log can have two: `writer` appends, `reader` may be another
 * process's or another node's.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Stored } from '../../src/bus/entry.ts';
import { decodeMessage, encodeMessage } from '../../src/bus/message.ts';
import { E, O } from '../../src/fp.ts';
import { storedAfter } from '../../src/log/ask.ts';
import type { Log } from '../../src/log/log.ts';
import {
  answer,
  appending,
  channel,
  database,
  Recorder,
  record,
  refusal,
} from '../support/logs.ts';

export interface LogFixture {
  readonly writer: Log;
  readonly reader: Log;
  /** Lets the log's clock pass `historyMs` and the log act on it. */
  readonly passHistory: () => Promise<void>;
  readonly dispose: () => Promise<void>;
}

export interface DurableFixture extends LogFixture {
  /** Closes the writer and opens the log again. */
  readonly reopen: () => Promise<Log>;
}

/** How long the logs of the contract keep entries. */
export const HISTORY_MS = 2000;

export const describeLog = (name: string, open: () => Promise<LogFixture>): void => {
  describe(name, () => {
    let fixture: LogFixture;
    beforeEach(async () => {
      fixture = await open();
    });
    afterEach(() => fixture.dispose());

    const publish = (message: unknown, channelName = 'c', key?: string) =>
      answer(fixture.writer.append(appending('db', channelName, message, key)));

    test('sequences rise by one from 1, in the order of the appends', async () => {
      const appended = [await publish({ n: 1 }), await publish({ n: 2 }), await publish({ n: 3 })];
      expect(appended.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
      expect(await answer(fixture.reader.head)).toEqual({
        epoch: appended[0]?.epoch,
        first: 1,
        last: 3,
      });
    });

    test('an empty log stands before its first entry', async () => {
      expect(await answer(fixture.writer.head)).toMatchObject({ first: 1, last: 0 });
      const { recorder } = await record(fixture.reader);
      await recorder.told('caughtUp');
      expect(recorder.stored).toEqual([]);
    });

    test('appends at the same time get a place each, the same for every handle', async () => {
      const { recorder: here } = await record(fixture.writer);
      const { recorder: there } = await record(fixture.reader);
      const appended = await Promise.all(Array.from({ length: 100 }, (_, n) => publish({ n })));
      await Promise.all([here.count(100), there.count(100)]);
      const sequences = appended.map(({ sequence }) => sequence).sort((a, b) => a - b);
      expect(sequences).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
      expect(here.sequences).toEqual(sequences);
      expect(there.entries).toEqual(here.entries);
    });

    test('a follower sees what comes after its sequence, without gap or repeat', async () => {
      for (let n = 1; n <= 5; n += 1) await publish({ n });
      const { recorder } = await record(fixture.reader, 2);
      await Promise.all(Array.from({ length: 20 }, (_, n) => publish({ n: n + 6 })));
      await recorder.count(23);
      expect(recorder.sequences).toEqual(Array.from({ length: 23 }, (_, n) => n + 3));
    });

    test('a follower is told once it was shown all that there was', async () => {
      await publish({ n: 1 });
      await publish({ n: 2 });
      const { recorder } = await record(fixture.reader, 1);
      await recorder.told('caughtUp');
      expect(recorder.sequences).toEqual([2]);
    });

    test('following another life, or from beyond the end, is a reset', async () => {
      const { epoch } = await publish({ n: 1 });
      const other = new Recorder();
      fixture.reader.follow('another', 0, other);
      const beyond = new Recorder();
      fixture.reader.follow(epoch, 2, beyond);
      await Promise.all([other.told('reset'), beyond.told('reset')]);
      expect([...other.stored, ...beyond.stored]).toEqual([]);
    });

    test('an ended follower hears nothing more, and others go on', async () => {
      const { recorder: ended, following } = await record(fixture.writer);
      const { recorder: other } = await record(fixture.writer);
      await Promise.all([ended.told('caughtUp'), other.told('caughtUp')]);
      following.end();
      await publish({ n: 1 });
      await other.count(1);
      expect(ended.stored).toEqual([]);
    });

    test('what an append answered is there for every reader', async () => {
      const { sequence } = await publish({ n: 1 });
      const entry = await answer(fixture.reader.at(sequence));
      expect(O.isSome(entry) && E.isRight(entry.value)).toBe(true);
      expect(await answer(fixture.reader.at(sequence + 1))).toEqual(O.none);
    });

    test('a read brings what comes after its sequence, in order, up to its limit', async () => {
      for (const text of ['{"n":1}', 'garbage', '{"n":3}', '{"n":4}', '{"n":5}'])
        await publish(text);
      const sequences = async (after: number, limit: number) =>
        (await answer(fixture.reader.read(after, limit))).map(
          (stored) => E.toUnion(stored).sequence,
        );
      expect(await sequences(0, 100)).toEqual([1, 2, 3, 4, 5]);
      expect(await sequences(1, 3)).toEqual([2, 3, 4]);
      expect(await sequences(4, 3)).toEqual([5]);
      expect(await sequences(5, 3)).toEqual([]);
    });

    test('reads one after the other bring long records whole, each once', async () => {
      const long = '漢'.repeat(300_000);
      for (let n = 1; n <= 12; n += 1) await publish({ n, long });
      const read: Array<Stored> = [];
      for await (const stored of storedAfter(fixture.reader, 0)) read.push(stored);
      expect(read.map((stored) => E.toUnion(stored).sequence)).toEqual(
        Array.from({ length: 12 }, (_, n) => n + 1),
      );
      expect(
        read.every((stored) => E.isRight(stored) && stored.right.message.length > long.length),
      ).toBe(true);
    });

    test('the next entry is the first on the channel after a sequence', async () => {
      for (const name of ['a', 'b', 'a', 'b']) await publish({ name }, name);
      const next = async (name: string, after: number) => {
        const entry = await answer(fixture.reader.next(database('db'), channel(name), after));
        return O.isSome(entry) ? entry.value.sequence : undefined;
      };
      expect([await next('a', 0), await next('a', 1), await next('a', 3)]).toEqual([
        1,
        3,
        undefined,
      ]);
      expect([await next('b', 0), await next('b', 2), await next('b', 4)]).toEqual([
        2,
        4,
        undefined,
      ]);
      expect(await next('c', 0)).toBeUndefined();
    });

    test('the last entry on a channel is of that channel and database', async () => {
      await publish({ n: 1 }, 'a');
      await publish({ n: 2 }, 'b');
      await answer(fixture.writer.append(appending('other', 'a', { n: 3 })));
      const last = await answer(fixture.reader.last(database('db'), channel('a')));
      expect(O.isSome(last) && E.isRight(last.value) && last.value.right.sequence).toBe(1);
      expect(await answer(fixture.reader.last(database('db'), channel('z')))).toEqual(O.none);
    });

    test('an instant stands before the first entry that is not older', async () => {
      await publish({ n: 1 });
      const { recorder } = await record(fixture.reader);
      await recorder.count(1);
      const instant = recorder.entries[0]?.instant ?? 0;
      expect(await answer(fixture.reader.before(instant))).toBe(0);
      expect(await answer(fixture.reader.before(instant + 60_000))).toBe(1);
      expect(Math.abs(fixture.reader.now() - instant)).toBeLessThan(60_000);
    });

    test('a key that comes again answers as at first, and keeps nothing', async () => {
      const first = await publish({ n: 1 }, 'c', 'key');
      await publish({ n: 2 });
      expect(await publish({ n: 1 }, 'c', 'key')).toEqual(first);
      expect(await answer(fixture.writer.head)).toMatchObject({ last: 2 });
    });

    test('a key that comes again with another message is a conflict', async () => {
      const { sequence } = await publish({ n: 1 }, 'c', 'key');
      const error = await refusal(fixture.writer.append(appending('db', 'c', { n: 2 }, 'key')));
      expect(error).toEqual({ _tag: 'Conflict', sequence });
    });

    test('one key in two databases, or two channels, is two keys', async () => {
      await publish({ n: 1 }, 'c', 'key');
      await publish({ n: 2 }, 'd', 'key');
      await answer(fixture.writer.append(appending('other', 'c', { n: 3 }, 'key')));
      expect(await answer(fixture.writer.head)).toMatchObject({ last: 3 });
    });

    test('a message comes back byte for byte', async () => {
      const text =
        '{ "b" : 12345678901234567890, "é\\u00e9\\ud800":[1.0,-0,1E400], "a":{"message_id":1} }';
      const { sequence } = await publish(text);
      const stored = await answer(fixture.reader.at(sequence));
      const expected = decodeMessage(Buffer.from(text));
      if (E.isLeft(expected) || O.isNone(stored) || E.isLeft(stored.value)) throw new Error('none');
      expect(encodeMessage(stored.value.right.message, 'x')).toBe(
        encodeMessage(expected.right, 'x'),
      );
    });

    test('a long message is kept whole', async () => {
      const { sequence } = await publish({ text: '漢'.repeat(100_000) });
      const stored = await answer(fixture.reader.at(sequence));
      expect(
        O.isSome(stored) && E.isRight(stored.value) && stored.value.right.message,
      ).toHaveLength(100_000 + '"text":""'.length);
    });

    test.each([
      ['dots and wildcards', '.*.>.'.repeat(204)],
      ['control characters', '\u0001'.repeat(1024)],
      ['spaces', ' '.repeat(1024)],
      ['percent signs', '%'.repeat(1024)],
      ['characters of four bytes', '😀'.repeat(256)],
      ['what base64url would begin with', '%~YWJj'],
      ['line breaks', 'a\r\nb\u2028c'],
    ])('a name may hold %s', async (_, name) => {
      const { epoch } = await answer(fixture.writer.append(appending(name, name, { n: 1 })));
      const recorder = new Recorder();
      fixture.reader.follow(epoch, 0, recorder);
      await recorder.count(1);
      expect(recorder.entries[0]).toMatchObject({ database: name, channel: name });
      const next = await answer(fixture.reader.next(database(name), channel(name), 0));
      expect(O.isSome(next)).toBe(true);
    });

    test('a record that is no message is passed over, and holds its sequence', async () => {
      await publish('garbage');
      await publish({ n: 2 });
      const { recorder } = await record(fixture.reader);
      await recorder.count(2);
      expect(recorder.stored.map(E.isRight)).toEqual([false, true]);
      expect(recorder.sequences).toEqual([1, 2]);
      const next = await answer(fixture.reader.next(database('db'), channel('c'), 0));
      expect(O.isSome(next) && next.value.sequence).toBe(2);
    });

    test('an entry leaves when the history is over, and its sequence is not used again', async () => {
      await publish({ n: 1 });
      await fixture.passHistory();
      expect((await publish({ n: 2 })).sequence).toBe(2);
      expect(await answer(fixture.reader.at(1))).toEqual(O.none);
      expect(await answer(fixture.reader.head)).toMatchObject({ first: 2, last: 2 });
      const next = await answer(fixture.reader.next(database('db'), channel('c'), 0));
      expect(O.isSome(next) && next.value.sequence).toBe(2);
    });

    test('a closed log answers that it is unavailable, and shows nothing more', async () => {
      const { recorder } = await record(fixture.writer);
      await recorder.told('caughtUp');
      await fixture.writer.close();
      expect((await refusal(fixture.writer.head))._tag).toBe('LogUnavailable');
      const append = fixture.writer.append(appending('db', 'c', { n: 1 }));
      expect((await refusal(append))._tag).toBe('LogUnavailable');
      expect(recorder.stored).toEqual([]);
    });
  });
};

/** What a log that outlives its process keeps besides. */
export const describeDurableLog = (name: string, open: () => Promise<DurableFixture>): void => {
  describeLog(name, open);

  test(`${name}, opened again, has its entries, its ids and its keys`, async () => {
    const fixture = await open();
    const keyed = (n: number, key?: string) => appending('db', 'c', { n }, key);
    const first = await answer(fixture.writer.append(keyed(1, 'key')));
    const log = await fixture.reopen();
    expect(await answer(log.head)).toEqual({ epoch: first.epoch, first: 1, last: 1 });
    expect(await answer(log.append(keyed(1, 'key')))).toEqual(first);
    expect((await answer(log.append(keyed(2)))).sequence).toBe(2);
    await log.close();
    await fixture.dispose();
  });
};
