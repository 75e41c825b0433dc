/**
 * Reads of the log that polls share: what one was asked for, and when, does not become another's answer.
 */
import { expect, test } from 'vitest';
import type { Entry } from '../../../src/bus/entry.ts';
import { append, emptyWindow, skip } from '../../../src/bus/window.ts';
import { E, O } from '../../../src/fp.ts';
import { History } from '../../../src/hub/history.ts';
import type { Log } from '../../../src/log/log.ts';
import { entryOf } from '../../support/arbitrary.ts';
import { settle } from '../../support/bus-fixture.ts';
import { channel, database } from '../../support/logs.ts';

const [db, a, b] = [database('db'), channel('a'), channel('b')];

const on = (sequence: number, name = a): Entry =>
  entryOf({ sequence, database: db, channel: name });

/** A history with a window from 5 to 8; `lasts` is what the log has last on each channel, and its next entries come when told. */
const historyOf = (lasts: Readonly<Record<string, Entry>>) => {
  const window = emptyWindow(5);
  skip(window, 8);
  const nexts: Array<(found: Entry | undefined) => void> = [];
  const log = {
    first: () => 1,
    last: (_, name) => async () => {
      const entry = lasts[name];
      return E.right(entry === undefined ? O.none : O.some(E.right(entry)));
    },
    next: () => () =>
      new Promise((resolve) => nexts.push((found) => resolve(E.right(O.fromNullable(found))))),
  } as Pick<Log, 'first' | 'last' | 'next'> as Log;
  const history = new History(log, window);
  const arrive = (entry: Entry): void => {
    append(window, entry);
    history.saw(entry);
  };
  return { history, nexts, arrive };
};

test('a shared answer that there is nothing holds up to where the tail stood when it was asked for', async () => {
  const { history, nexts, arrive } = historyOf({ a: on(4) });
  const first = history.first(db, [a], 3);
  await settle();
  arrive(on(9));
  const second = history.first(db, [a], 3);
  await settle();
  expect(nexts).toHaveLength(1);
  nexts[0]?.(undefined);
  expect([await first, await second]).toEqual([E.right(E.left(8)), E.right(E.left(8))]);
});

test('nothing is answered with that may have another entry before it', async () => {
  const { history, nexts, arrive } = historyOf({ a: on(4) });
  void history.first(db, [a], 3);
  await settle();
  arrive(on(9));
  arrive(on(10, b));
  const both = history.first(db, [b, a], 3);
  await settle();
  nexts[1]?.(on(10, b));
  await settle();
  nexts[0]?.(undefined);
  expect(await both).toEqual(E.right(E.left(8)));
});
