/**
 * A connection in a picture: a span for each of its states, what led into it, and how it ended.
 */
import { describe, expect, test } from 'vitest';
import {
  answered,
  BROUGHT,
  connectionsOf,
  EPOCH,
  journal,
  opening,
  parked,
  pictureOf,
} from '../../support/drawing.ts';

describe('a connection', () => {
  test('is a span for each state, with what led into it', () => {
    const to = journal();
    to.node(1000, 'serving');
    answered(to, 2000, 1, '7');
    const picture = pictureOf(to.records);
    expect(picture).toMatchObject({ from: 1000, to: 2101 });
    expect(connectionsOf(picture)).toEqual([
      {
        node: 0,
        number: 1,
        lastMessage: null,
        spans: [
          {
            state: 'waiting.reading',
            from: 2000,
            event: 'ADMITTED',
            place: { after: 41, resume: 'exact' },
          },
          { state: 'waiting.parked', from: 2005, event: 'NOTHING' },
          { state: 'responding', from: 2100, event: 'ARRIVED', answer: 0 },
          { state: 'closed', from: 2101, event: 'WRITTEN' },
        ],
        end: 'closed',
        to: 2101,
      },
    ]);
    expect(picture.answers).toEqual([{ ...BROUGHT, epoch: `${EPOCH}1` }]);
  });

  test('begins idle, if it took a while until somebody knew who polls', () => {
    const to = journal();
    to.connection(2003, 1, { event: 'ADMITTED', opening: opening(2000, '7') });
    const [connection] = connectionsOf(pictureOf(to.records));
    expect(connection?.spans.map(({ state, from, event }) => [state, from, event])).toEqual([
      ['idle', 2000, null],
      ['waiting.reading', 2003, 'ADMITTED'],
    ]);
  });

  test('tells why it was refused, why a read failed, and which event no state takes', () => {
    const to = journal();
    const error = { event: 'REFUSED', error: 'Unauthorized' } as const;
    to.connection(2000, 1, { ...error, opening: opening(2000, '7') });
    to.connection(2000, 2, { event: 'ADMITTED', opening: opening(2000, '8') });
    to.connection(2001, 2, { event: 'FAILED', reason: 'no leader' });
    to.connection(2002, 2, { event: 'WRITTEN' });
    const [refused, failed] = connectionsOf(pictureOf(to.records));
    expect(refused?.spans).toEqual([
      { state: 'responding', from: 2000, event: 'REFUSED', error: 'Unauthorized' },
    ]);
    expect(failed?.spans.slice(1)).toEqual([
      { state: 'waiting.reading', from: 2001, event: 'FAILED', reason: 'no leader' },
      { state: 'waiting.reading', from: 2002, event: 'WRITTEN', isIgnored: true },
    ]);
  });

  test('says where its client was, and of what is no id its digest', () => {
    const to = journal();
    const at = opening(2000, '7');
    const id = `${EPOCH}-41-9f3a1c07`;
    const sha256 = 'a'.repeat(64);
    to.connection(2000, 1, { event: 'ADMITTED', opening: { ...at, last_message: id } });
    to.connection(2001, 2, { event: 'ADMITTED', opening: { ...at, last_message: { sha256 } } });
    const [one, other] = connectionsOf(pictureOf(to.records));
    expect([one?.lastMessage, other?.lastMessage]).toEqual([id, `SHA-256 ${sha256}`]);
  });

  test('is held at the end of the journal', () => {
    const to = journal();
    parked(to, 2000, 1, '7');
    to.node(9000, 'serving');
    expect(connectionsOf(pictureOf(to.records))).toMatchObject([{ end: 'held', to: 9000 }]);
  });

  test('is lost with a node of which nothing is heard', () => {
    const to = journal();
    const other = journal('r2');
    to.node(1000, 'serving');
    parked(to, 2000, 1, '7');
    other.node(900_000, 'serving');
    const picture = pictureOf([...to.records, ...other.records]);
    expect(connectionsOf(picture)).toMatchObject([{ end: 'lost', to: 2005 }]);
    expect(picture.nodes.map(({ run, isLost, to }) => [run, isLost, to])).toEqual([
      ['r1', true, 2005],
      ['r2', false, 900_000],
    ]);
  });

  test('ends where records are missing, which is a gap of its node', () => {
    const to = journal();
    parked(to, 2000, 1, '7');
    to.miss(3);
    to.node(4000, 'serving');
    to.connection(4001, 1, { event: 'HANGUP' });
    const picture = pictureOf(to.records);
    expect(connectionsOf(picture)).toMatchObject([{ end: 'gap', to: 2005 }]);
    expect(picture.nodes[0]?.gaps).toEqual([{ from: 2005, to: 4000, missing: 3 }]);
    expect(picture.missing).toEqual({ records: 3, orphans: 1, unreadable: 0 });
  });
});
