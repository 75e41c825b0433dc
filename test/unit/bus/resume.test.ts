import { describe, expect, test } from 'vitest';
import { decodeLastMessage, type LastMessage } from '../../../src/bus/poll.ts';
import { messageIdOf } from '../../../src/bus/response.ts';
import { atReset, stand, standByLog } from '../../../src/bus/resume.ts';
import { append, emptyWindow, expire, skip, type Window } from '../../../src/bus/window.ts';
import { E, O } from '../../../src/fp.ts';
import { entryOf } from '../../support/arbitrary.ts';

const EPOCH = 'm9';
const OLD = entryOf({ sequence: 41, instant: 10 });
const RECENT = entryOf({ sequence: 42, instant: 20 });
const LAST = entryOf({ sequence: 44, instant: 30 });

/** Holds 42 and 44; 41 has left, and 43 held nothing that a client is shown. */
const filled = (): Window => {
  const window = emptyWindow(40);
  append(window, OLD);
  append(window, RECENT);
  skip(window, 43);
  append(window, LAST);
  expire(window, 20);
  return window;
};

const idOf = (entry: typeof OLD, check = entry.check) => ({
  epoch: EPOCH,
  sequence: entry.sequence,
  check,
});
const asId = (entry: typeof OLD, epoch = EPOCH) => decodeLastMessage(messageIdOf(entry, epoch));
const of = (lastMessage: LastMessage, known: string | undefined = undefined) =>
  stand(lastMessage, EPOCH, filled(), () => known);

const RESET = { _tag: 'At', after: 41, resume: 'reset' };

describe('a poll stands', () => {
  test('before the oldest recent entry without a last message', () => {
    expect(of({ _tag: 'None' })).toEqual({ _tag: 'At', after: 41, resume: 'start' });
  });

  test('at the tail without a last message when nothing is recent', () => {
    const window = filled();
    expire(window, 99);
    expect(stand({ _tag: 'None' }, EPOCH, window, () => undefined)).toEqual({
      _tag: 'At',
      after: 44,
      resume: 'start',
    });
  });

  test('after the entry of its last message', () => {
    expect(of(asId(RECENT))).toEqual({ _tag: 'At', after: 42, resume: 'exact' });
    expect(of(asId(LAST))).toEqual({ _tag: 'At', after: 44, resume: 'exact' });
  });

  test('as at the start, and is told, when its last message is junk', () => {
    expect(of(decodeLastMessage('junk'))).toEqual(RESET);
  });

  test('as at the start, and is told, when its last message is of another life', () => {
    expect(of(asId(RECENT, 'm8'))).toEqual(RESET);
    expect(of(asId(OLD, 'm8'))).toEqual(RESET);
    expect(of(asId(entryOf({ sequence: 99 }), 'm8'))).toEqual(RESET);
  });

  test('as at the start, and is told, when another entry has the sequence', () => {
    expect(of({ _tag: 'Id', id: idOf(RECENT, '00000000') })).toEqual(RESET);
  });

  test('nowhere yet when its last message is ahead of the tail', () => {
    const ahead = entryOf({ sequence: 45 });
    expect(of(asId(ahead))).toEqual({ _tag: 'Ahead', id: idOf(ahead) });
  });

  test('nowhere yet when the window does not hold its last message', () => {
    expect(of(asId(OLD))).toEqual({ _tag: 'Unchecked', id: idOf(OLD) });
    const hole = entryOf({ sequence: 43 });
    expect(of(asId(hole))).toEqual({ _tag: 'Unchecked', id: idOf(hole) });
  });

  test('after an entry that has left the window when its check is known', () => {
    expect(of(asId(OLD), OLD.check)).toEqual({ _tag: 'At', after: 41, resume: 'exact' });
    expect(of(asId(OLD), '00000000')).toEqual(RESET);
  });

  test('by the window rather than by what is known', () => {
    expect(of(asId(RECENT), '00000000')).toEqual({ _tag: 'At', after: 42, resume: 'exact' });
  });
});

describe('a poll that the window could not place stands by the log', () => {
  const at = (stored: Parameters<typeof standByLog>[1], first: number, check = OLD.check) =>
    standByLog(idOf(OLD, check), stored, first, filled());

  test('after its entry when the log has it', () => {
    expect(at(O.some(E.right(OLD)), 1)).toEqual({ after: 41, resume: 'exact' });
  });

  test('as at the start when the log has another entry there', () => {
    expect(at(O.some(E.right(OLD)), 1, '00000000')).toEqual({ after: 41, resume: 'reset' });
  });

  test('as at the start when the log has no entry there that a client was shown', () => {
    const undecodable = { sequence: 41, instant: 10, reason: 'should be a JSON object' };
    expect(at(O.some(E.left(undecodable)), 1)).toEqual({ after: 41, resume: 'reset' });
  });

  test('after its entry when that one left the log and all after it are there', () => {
    expect(at(O.none, 42)).toEqual({ after: 41, resume: 'exact' });
  });

  test('after its entry, and is told, when some after it may have left too', () => {
    expect(at(O.none, 43)).toEqual({ after: 41, resume: 'truncated' });
    expect(at(O.none, 1)).toEqual({ after: 41, resume: 'truncated' });
  });
});

test('a poll whose last message the log never had stands as at the start', () => {
  expect(atReset(filled())).toEqual({ after: 41, resume: 'reset' });
});
