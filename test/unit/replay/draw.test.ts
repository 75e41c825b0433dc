/**
 * Lines of a journal become a picture: lanes of connections, spans of states, nodes with their gaps.
 */
import { describe, expect, test } from 'vitest';
import { decodeEntry } from '../../../src/bus/entry.ts';
import type { Channel, Database, Instant, UserId } from '../../../src/bus/names.ts';
import { E } from '../../../src/fp.ts';
import type { ConnectionRecord, JournalRecord, NodeRecord } from '../../../src/journal/record.ts';
import { addMessage, draw, emptyDrawing, finish } from '../../../src/replay/draw.ts';
import { emptyFold, take } from '../../../src/replay/fold.ts';
import type { DrawnConnection, Picture } from '../../../src/replay/picture.ts';
import type { Frame } from '../../../src/replay/sketch.ts';

const EPOCH = 'mwu7cdmo4cfd6982';
const BROUGHT = { sequence: 42, length: 99, sha256: 'f'.repeat(64) };
const PLACE = { after: 41, resume: 'exact', first: 1, floor: 0, cutoff: 0 } as const;

/** A journal of one run, in which records are numbered as they come. */
const journal = (run = 'r1') => {
  const records: Array<JournalRecord> = [];
  let n = 0;
  const stamp = (at: Instant) => {
    n += 1;
    return { v: 1, run, n, at } as const;
  };
  return {
    records,
    node: (at: Instant, node: NodeRecord['node'], number = 1) => {
      const life = { number, epoch: `${EPOCH}${number}`, floor: 0, tail: 41 };
      const settings = { long_polling_timeout: 300, cache_timeout: 300, allow_subscribe: true };
      records.push({ ...stamp(at), node, version: '0.1.0', settings, sample: 1, life });
    },
    connection: (at: Instant, connection: number, facts: Partial<ConnectionRecord>) => {
      records.push({ ...stamp(at), connection, tail: 41, ...facts });
    },
    /** As if records had been lost. */
    miss: (count: number) => {
      n += count;
    },
  };
};

type Journal = ReturnType<typeof journal>;

const opening = (at: Instant, user: string, channels: ReadonlyArray<string> = []) => ({
  at,
  database: 'shop' as Database,
  user: user as UserId,
  channels: [...channels, `user:${user}`] as Array<Channel>,
  last_message: null,
});

/** A poll that is parked, from its beginning. */
const parked = (to: Journal, at: Instant, connection: number, user: string): void => {
  to.connection(at, connection, { event: 'ADMITTED', opening: opening(at, user) });
  to.connection(at + 5, connection, { event: 'NOTHING', place: PLACE });
};

const answered = (to: Journal, at: Instant, connection: number, user: string): void => {
  parked(to, at, connection, user);
  to.connection(at + 100, connection, { event: 'ARRIVED', answer: BROUGHT });
  to.connection(at + 101, connection, { event: 'WRITTEN' });
};

const pictureOf = (records: ReadonlyArray<JournalRecord>, frame?: Frame): Picture => {
  const fold = emptyFold();
  const drawing = emptyDrawing(frame);
  for (const record of records) {
    for (const happening of take(fold, E.right(record))) draw(drawing, happening);
  }
  return finish(drawing, fold.newest);
};

const connectionsOf = ({ lanes }: Picture): ReadonlyArray<DrawnConnection> =>
  lanes.flatMap(({ connections }) => connections);

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

describe('lanes', () => {
  test('have the polls of one subscriber one after the other', () => {
    const to = journal();
    answered(to, 2000, 1, '7');
    answered(to, 2050, 2, '8');
    answered(to, 2101, 3, '7');
    const { lanes } = pictureOf(to.records);
    expect(lanes.map(({ user, connections }) => [user, connections.length])).toEqual([
      ['7', 2],
      ['8', 1],
    ]);
  });

  test('are several where polls of one subscriber overlap', () => {
    const to = journal();
    const other = journal('r2');
    answered(to, 2000, 1, '7');
    answered(other, 2050, 1, '7');
    answered(to, 2120, 2, '7');
    const { lanes } = pictureOf([...to.records, ...other.records]);
    expect(lanes.map(({ number, connections }) => [number, connections.length])).toEqual([
      [1, 2],
      [2, 1],
    ]);
  });

  test('are one for the same channels in another order', () => {
    const to = journal();
    for (const [index, channels] of [
      ['a', 'b'],
      ['b', 'a'],
    ].entries()) {
      const at = 2000 + index * 10;
      to.connection(at, index + 1, { event: 'ADMITTED', opening: opening(at, '7', channels) });
      to.connection(at + 1, index + 1, { event: 'HANGUP' });
    }
    expect(pictureOf(to.records).lanes).toHaveLength(1);
  });
});

describe('a node', () => {
  test('is its states and the lives that it took to, and not each record', () => {
    const to = journal();
    to.node(1000, 'starting');
    to.node(2000, 'serving');
    to.node(3000, 'serving');
    to.node(4000, 'serving', 2);
    to.node(5000, 'stopped', 2);
    expect(pictureOf(to.records).nodes).toEqual([
      {
        run: 'r1',
        version: '0.1.0',
        states: [
          { state: 'starting', from: 1000 },
          { state: 'serving', from: 2000 },
          { state: 'stopped', from: 5000 },
        ],
        lives: [
          { epoch: `${EPOCH}1`, from: 1000 },
          { epoch: `${EPOCH}2`, from: 4000 },
        ],
        gaps: [],
        to: 5000,
        isLost: false,
      },
    ]);
  });
});

describe('a frame', () => {
  const records = (): ReadonlyArray<JournalRecord> => {
    const old = journal('r0');
    const to = journal();
    old.node(10, 'serving');
    old.node(20, 'stopped');
    answered(to, 1000, 1, '7');
    answered(to, 2000, 2, '8');
    answered(to, 3000, 3, '7');
    return [...old.records, ...to.records];
  };

  test('leaves out who is not asked for', () => {
    const picture = pictureOf(records(), { isDrawn: ({ opening: { user } }) => user === '8' });
    expect(picture.lanes.map(({ user }) => user)).toEqual(['8']);
  });

  test('leaves out what ended before it or began after it, and is the span', () => {
    const picture = pictureOf(records(), { from: 1100, to: 2500 });
    expect(picture).toMatchObject({ from: 1100, to: 2500 });
    expect(connectionsOf(picture).map(({ number, node }) => [number, node])).toEqual([
      [1, 0],
      [2, 0],
    ]);
    expect(picture.nodes.map(({ run }) => run)).toEqual(['r1']);
  });
});

describe('messages', () => {
  const entry = (sequence: number, instant: Instant, json: string) => {
    const names = ['shop' as Database, 'stock' as Channel] as const;
    const stored = decodeEntry(sequence, instant, ...names, Buffer.from(json));
    if (E.isLeft(stored)) throw new Error(stored.left.reason);
    return stored.right;
  };

  test('are where the log took them, by the id and with the text that clients saw', () => {
    const drawing = emptyDrawing({ from: 1000, to: 3000 });
    addMessage(drawing, entry(2, 2000, '{"type":"x"}'), EPOCH);
    addMessage(drawing, entry(1, 1500, '{"type":"y"}'), EPOCH);
    addMessage(drawing, entry(3, 4000, '{"type":"z"}'), EPOCH);
    const { messages } = finish(drawing, 3000);
    expect(messages.map(({ sequence }) => sequence)).toEqual([1, 2]);
    const id = messages[1]?.id;
    expect(id).toMatch(new RegExp(`^${EPOCH}-2-[0-9a-f]{8}$`));
    expect(messages[1]).toEqual({
      sequence: 2,
      at: 2000,
      database: 'shop',
      channel: 'stock',
      id,
      text: `{"type":"x","message_id":"${id}"}`,
    });
  });

  test('from before all that is drawn are left out', () => {
    const drawing = emptyDrawing();
    const fold = emptyFold();
    const to = journal();
    to.node(1500, 'serving');
    to.node(2500, 'stopped');
    for (const record of to.records) {
      for (const happening of take(fold, E.right(record))) draw(drawing, happening);
    }
    for (const at of [1000, 2000, 3000]) addMessage(drawing, entry(at, at, '{}'), EPOCH);
    expect(finish(drawing, 2500).messages.map(({ at }) => at)).toEqual([2000]);
  });

  test('are cut, and never within a character', () => {
    const drawing = emptyDrawing({ from: 0 });
    const title = '{"t":"'.length;
    addMessage(
      drawing,
      entry(1, 1000, `{"t":"${'x'.repeat(498 - title)}😀${'y'.repeat(99)}"}`),
      EPOCH,
    );
    const [message] = finish(drawing, 1000).messages;
    expect(message?.text).toHaveLength(500);
    expect(message?.text).toMatch(/x\ufffd?…$/u);
    expect(message?.text.isWellFormed()).toBe(true);
  });
});

test('ten thousand connections are a few megabytes', () => {
  const to = journal();
  for (let number = 1; number <= 10_000; number += 1) {
    answered(to, 1000 + number, number, String(number % 500));
  }
  const picture = pictureOf(to.records);
  expect(connectionsOf(picture)).toHaveLength(10_000);
  expect(picture.answers).toHaveLength(1);
  expect(JSON.stringify(picture).length).toBeLessThan(5_000_000);
});

test('an empty journal is an empty picture', () => {
  expect(finish(emptyDrawing(), 0)).toMatchObject({ from: 0, to: 0, nodes: [], lanes: [] });
});
