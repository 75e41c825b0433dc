import { expect, test } from 'vitest';
import { decodeEntry } from '../../../src/bus/entry.ts';
import { check } from '../../../src/bus/message-id.ts';
import { E } from '../../../src/fp.ts';
import { channelOf, databaseOf } from '../../support/arbitrary.ts';

const [database, channel] = [databaseOf('prod'), channelOf('user:1')];
const decode = (json: string) => decodeEntry(7, 1000, database, channel, Buffer.from(json));

test('an entry is what was published, where it stands, and when the log took it', () => {
  expect(decode('{"message_id":1,"a":1}')).toEqual(
    E.right({
      sequence: 7,
      instant: 1000,
      database,
      channel,
      message: '"a":1',
      check: check(database, channel, Buffer.from('{"message_id":1,"a":1}')),
    }),
  );
});

test.each([
  ['[]', 'should be a JSON object'],
  [`{"a":{"b":${'7'.repeat(4301)}}}`, 'a.b: should be an integer of at most 4300 digits'],
  ['{"a":{"__class__":"date"}}', 'a: should be a "date" that Python can make'],
])('a record that would hurt a client holds its sequence and says why: %#', (json, reason) => {
  expect(decode(json)).toEqual(E.left({ sequence: 7, instant: 1000, reason }));
});

test('a record that is no JSON holds its sequence', () => {
  expect(decode('{')).toMatchObject({ left: { sequence: 7, instant: 1000 } });
});
