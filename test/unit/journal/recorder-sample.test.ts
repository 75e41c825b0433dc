/**
 * What a node records of a share of users: all that those took, the same ones at every node, and nothing of others.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isNodeRecord, type JournalRecord } from '../../../src/journal/record.ts';
import { isSampled } from '../../../src/journal/sample.ts';
import { session } from '../../support/http.ts';
import { recordedNode, storeAt } from '../../support/recorded-node.ts';
import { acts, recordingOf } from '../../support/recording.ts';
import { isConnectionRecord, recordsOf, renumbered } from '../../support/records.ts';

/** What is recorded of each connection, in the order of the runs and of when they were recorded first; without numbers. */
const storiesOf = (records: ReadonlyArray<JournalRecord>) => {
  const stories = new Map<string, { readonly user: string; readonly told: Array<object> }>();
  for (const record of records.filter(isConnectionRecord)) {
    const { n: _, connection, ...rest } = record;
    const name = `${record.run} ${connection}`;
    const user = record.opening?.user ?? '';
    const story = stories.get(name) ?? { user, told: [] };
    story.told.push(rest);
    stories.set(name, story);
  }
  return [...stories]
    .sort(([a], [b]) => runOf(a).localeCompare(runOf(b)))
    .map(([, story]) => story);
};

const runOf = (name: string): string => name.split(' ')[0] ?? '';

describe('of a share of users', () => {
  const USERS = Array.from({ length: 300 }, (_, index) => String(index));

  /** Whom a node records that each of these polls twice. */
  const keptBy = async (run: string, sample: number): Promise<ReadonlyArray<string>> => {
    const node = await recordedNode(storeAt(0), run, sample);
    for (const _ of [1, 2]) {
      for (const user of USERS) await node.send({ channels: [] }, session(user));
    }
    return recordsOf(await node.lines()).flatMap((record) =>
      isNodeRecord(record) || record.opening === undefined ? [] : [String(record.opening.user)],
    );
  };

  test('all is recorded or nothing, and the same ones at every node', async () => {
    const one = await keptBy('one', 0.5);
    const two = await keptBy('two', 0.5);
    expect(one).toEqual(two);
    const counts = new Map(one.map((user) => [user, one.filter((each) => each === user).length]));
    expect(new Set(counts.values())).toEqual(new Set([2]));
    expect(counts.size).toBeGreaterThan(100);
    expect(counts.size).toBeLessThan(200);
  });

  test('everything is recorded that its connections took', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (happens) => {
        const all = recordsOf((await recordingOf(happens)).texts);
        const some = recordsOf((await recordingOf(happens, { sample: 0.5 })).texts);
        expect(storiesOf(some)).toEqual(storiesOf(all).filter(({ user }) => isSampled(user, 0.5)));
        expect(some).toEqual(renumbered(some));
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    { sample: 0, kept: 0 },
    { sample: 1, kept: USERS.length },
  ])('$sample it is $kept', async ({ sample, kept }) => {
    expect(new Set(await keptBy('one', sample)).size).toBe(kept);
  });

  test('a larger one has all that a smaller one has', () => {
    fc.assert(
      fc.property(fc.string(), fc.float({ min: 0, max: 1, noNaN: true }), (user, share) => {
        if (isSampled(user, share)) expect(isSampled(user, Math.min(1, share * 2))).toBe(true);
      }),
    );
  });
});
