/**
 * Lines of a journal become a picture: lanes of connections, nodes, and no more than the frame.
 */
import { describe, expect, test } from 'vitest';
import type { JournalRecord } from '../../../src/journal/record.ts';
import { emptyDrawing, finish } from '../../../src/replay/draw.ts';
import {
  answered,
  connectionsOf,
  EPOCH,
  journal,
  opening,
  pictureOf,
} from '../../support/drawing.ts';

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
