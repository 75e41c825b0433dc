/**
 * Whatever is published, polled for, hung up and ended, in whatever order the log answers, tells late, fails, is followed
 * late or begins again: the nodes' own account of it follows from the log, and so it does whatever of the account is lost,
 * comes twice, or is put together from several files.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CACHE_TIMEOUT_MS } from '../support/bus-fixture.ts';
import { verifyOn, WHOLE } from '../support/journal.ts';
import { answer, appending } from '../support/logs.ts';
import { history } from './journal.actions.ts';
import { happen } from './journal.world.ts';

const LEAVES_SOON_MS = 2 * CACHE_TIMEOUT_MS;

/** Nothing is missing from the nodes' own account, and all of it follows from the log. */
const TOLD_WHOLE = {
  missing: 0,
  unreadable: 0,
  positions: WHOLE,
  answers: WHOLE,
  divergence: undefined,
};

const RUNS = { numRuns: 250 };

test('every position and answer follows from the log, in whatever order the log answers', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (happening) => {
      const { log, journal } = await happen(happening);
      expect(await verifyOn(log, journal.lines)).toMatchObject(TOLD_WHOLE);
    }),
    RUNS,
  );
});

test('entries that have left the log meanwhile are told as uncheckable, not as wrong', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (happening) => {
      const world = await happen(happening, LEAVES_SOON_MS);
      for (let left = 0; left < 4; left += 1) {
        const { missing, unreadable, divergence } = await verifyOn(world.log, world.journal.lines);
        expect({ missing, unreadable, divergence }).toMatchObject({ missing: 0, unreadable: 0 });
        expect(divergence).toBeUndefined();
        world.clock.advance(CACHE_TIMEOUT_MS);
        await answer(world.log.append(appending('db', 'other', {})));
      }
    }),
    RUNS,
  );
});

/** What may become of a journal on its way: each line by its index, and whether it is there, and how often. */
const fates = fc.infiniteStream(
  fc.oneof(
    { weight: 12, arbitrary: fc.constant('kept' as const) },
    { weight: 1, arbitrary: fc.constant('lost' as const) },
    { weight: 1, arbitrary: fc.constant('twice' as const) },
    { weight: 1, arbitrary: fc.constant('torn' as const) },
  ),
);

test('whatever of a journal is lost, torn or kept twice is told, and nothing follows from it', async () => {
  await fc.assert(
    fc.asyncProperty(history, fates, fc.nat(200), async (happening, stream, begin) => {
      const { log, journal } = await happen(happening);
      const lines = journal.lines
        .slice(begin % Math.max(1, journal.lines.length))
        .flatMap((line) => {
          const fate = stream.next().value;
          if (fate === 'lost') return [];
          if (fate === 'torn') return [line.slice(0, line.length / 2)];
          return fate === 'twice' ? [line, line] : [line];
        });
      expect((await verifyOn(log, lines)).divergence).toBeUndefined();
    }),
    RUNS,
  );
});

test('the nodes’ files in any order, or one after the other, say the same', async () => {
  await fc.assert(
    fc.asyncProperty(history, fc.infiniteStream(fc.nat()), async (happening, stream) => {
      const { log, journal } = await happen(happening);
      const files = [...byRun(journal.lines).values()].sort(() => (stream.next().value % 3) - 1);
      const told = await verifyOn(log, journal.lines);
      expect(await verifyOn(log, files.flat())).toEqual(told);
      const mixed: Array<string> = [];
      const left = files.map((file) => [...file]);
      while (left.some(({ length }) => length > 0)) {
        const from = left[stream.next().value % left.length];
        mixed.push(...(from?.splice(0, 1 + (stream.next().value % 5)) ?? []));
      }
      expect(await verifyOn(log, mixed)).toEqual(told);
    }),
    RUNS,
  );
});

const byRun = (lines: ReadonlyArray<string>): Map<string, Array<string>> => {
  const files = new Map<string, Array<string>>();
  for (const line of lines) {
    const { run } = JSON.parse(line);
    files.set(run, [...(files.get(run) ?? []), line]);
  }
  return files;
};
