/**
 * What `/-/readyz` says where several workers share an address.
 */
import { describe, expect, test } from 'vitest';
import { readinessOfAll } from '../../../src/cli/worker-readiness.ts';
import type { NodeStatus } from '../../../src/hub/node.ts';

const statusOf = (more: Partial<NodeStatus> = {}): NodeStatus => ({
  node: 'serving',
  tail: { state: 'live', sequence: 7, undecodable: 0 },
  held: 3,
  ...more,
});

const stalled: Partial<NodeStatus> = {
  tail: { state: 'stalled', reason: 'no answer', sequence: 7, undecodable: 0 },
};

describe('workers are ready', () => {
  test('when each is, with the polls of all', () => {
    const answer = readinessOfAll([
      { worker: 1, pid: 11, status: statusOf() },
      { worker: 2, pid: 12, status: statusOf({ held: 4 }) },
    ]);
    expect(answer).toEqual({
      ready: true,
      reasons: [],
      held: 7,
      workers: [
        { worker: 1, pid: 11, ...statusOf() },
        { worker: 2, pid: 12, ...statusOf({ held: 4 }) },
      ],
    });
  });
});

describe('workers are not ready', () => {
  test('when one is not, and it is named', () => {
    const { ready, reasons } = readinessOfAll([
      { worker: 1, status: statusOf() },
      { worker: 2, status: statusOf({ node: 'starting', ...stalled }) },
    ]);
    expect(ready).toBe(false);
    expect(reasons).toEqual([
      'worker 2: the node is starting',
      'worker 2: the tail is stalled: no answer',
    ]);
  });

  test.each(['is starting', 'is draining', 'does not answer'] as const)(
    'when one %s, which holds nothing that is known',
    (missing) => {
      expect(
        readinessOfAll([
          { worker: 1, status: statusOf() },
          { worker: 2, pid: 12, missing },
        ]),
      ).toMatchObject({
        ready: false,
        reasons: [`worker 2 ${missing}`],
        held: 3,
        workers: [{ worker: 1 }, { worker: 2, pid: 12, missing }],
      });
    },
  );

  test('for a reason beside them', () => {
    const { ready, reasons } = readinessOfAll([{ worker: 1, status: statusOf() }], ['why']);
    expect({ ready, reasons }).toEqual({ ready: false, reasons: ['why'] });
  });
});
