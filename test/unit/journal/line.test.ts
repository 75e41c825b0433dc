/**
 * What a line of a journal stands for, by its version.
 */
import { describe, expect, test } from 'vitest';
import { E } from '../../../src/fp.ts';
import { parseRecords, parseText } from '../../../src/journal/line.ts';

const STAMP = { run: 'one', n: 7, at: 1000, tail: 3 };
const PLACE = { after: 3, resume: 'exact', first: 1, floor: 0, cutoff: 500 };
const ANSWER = { sequence: 3, length: 2, sha256: 'ab' };
const OPENING = { at: 999, database: 'db', last_message: 'epoch-3-00000000' };

/** The records of a line, of which none is unreadable. */
const recordsOf = (line: object) =>
  parseRecords(line).map((record) => {
    if (E.isLeft(record)) throw new Error(record.left);
    return record.right;
  });

test('a line of version 1 is the record that it says', () => {
  const line = { v: 1, ...STAMP, connection: 4, event: 'WRITTEN' };
  expect(recordsOf(line)).toEqual([line]);
});

describe('a line of version 2', () => {
  test('says the same of each connection that it lists', () => {
    const line = { v: 2, ...STAMP, event: 'ARRIVED', answer: ANSWER, connections: [4, 9] };
    const told = { event: 'ARRIVED', answer: ANSWER };
    expect(recordsOf(line)).toEqual([
      { v: 1, ...STAMP, connection: 4, ...told },
      { v: 1, ...STAMP, n: 8, connection: 9, ...told },
    ]);
  });

  test('says of each poll that it was admitted, and what it took then', () => {
    const polls = [
      [4, '1', ['a', 'user:1']],
      [9, null, ['b']],
    ];
    const told = { event: 'FOUND', place: PLACE, answer: ANSWER };
    const { at, database, last_message } = OPENING;
    const opening = (user: string | null, channels: ReadonlyArray<string>) => ({
      ...{ at, database, user, channels, last_message },
    });
    const line = { v: 2, ...STAMP, opening: OPENING, ...told, polls };
    const one = { v: 1, ...STAMP, connection: 4 };
    const other = { v: 1, ...STAMP, connection: 9 };
    expect(recordsOf(line)).toEqual([
      { ...one, event: 'ADMITTED', opening: opening('1', ['a', 'user:1']) },
      { ...one, n: 8, ...told },
      { ...other, n: 9, event: 'ADMITTED', opening: opening(null, ['b']) },
      { ...other, n: 10, ...told },
    ]);
  });

  test('says of a poll with too many channels how many there were', () => {
    const line = { v: 2, ...STAMP, opening: OPENING, event: 'NOTHING', place: PLACE };
    const [admitted] = recordsOf({ ...line, polls: [[4, '1', [], 1000]] });
    expect(admitted).toMatchObject({ opening: { channels: [], omitted: 1000 } });
  });

  test('without a list is a record', () => {
    const line = { ...STAMP, connection: 4, event: 'WRITTEN' };
    expect(recordsOf({ v: 2, ...line })).toEqual([{ v: 1, ...line }]);
  });

  test.each([
    {
      name: 'a connection that is no number',
      line: { opening: undefined, connections: [4, 'x'] },
      readable: 1,
    },
    { name: 'a poll that is no list', line: { polls: [null] }, readable: 0 },
    { name: 'a poll without channels', line: { polls: [[4, '1']] }, readable: 1 },
    { name: 'a number that is text', line: { n: '7', connections: [4] }, readable: 0 },
    { name: 'an opening that is none', line: { opening: 1, polls: [[4, '1', []]] }, readable: 1 },
  ])('with $name has no record there', ({ line, readable }) => {
    const whole = { v: 2, ...STAMP, opening: OPENING, event: 'NOTHING', place: PLACE };
    const records = parseRecords({ ...whole, ...line });
    expect(records.filter(E.isLeft).length).toBeGreaterThan(0);
    expect(records.filter(E.isRight)).toHaveLength(readable);
  });
});

test.each([
  { name: 'of a later version', text: '{"v":3}', reason: /^a record of version 3; .* reads 2$/ },
  { name: 'that was cut short', text: '{"v":2,"run":"x"', reason: /^no JSON/ },
  { name: 'that is no object', text: 'null', reason: /^no record$/ },
])('a line $name is none', ({ text, reason }) => {
  expect(parseText(text)).toEqual([E.left(expect.stringMatching(reason))]);
});
