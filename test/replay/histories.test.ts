/**
 * Every recorded history replays as it was: what connections were answered then, this code would answer now.
 *
 * One that was recorded from a bug stays here once the bug is gone. `JETBUS_RECORD=1` plays those of `support/scenarios.ts`
 * anew, when the records change on purpose.
 */
import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openReadable, openRecords } from '../../src/cli/open-history.ts';
import { divergenceInWords } from '../../src/replay/divergence.ts';
import { Judge } from '../../src/replay/judge.ts';
import { type Outcome, verify } from '../../src/replay/verify.ts';
import { answer } from '../support/logs.ts';
import { playHistory, SCENARIOS } from '../support/scenarios.ts';

const directory = resolve(import.meta.dirname, '../histories');

if (process.env['JETBUS_RECORD'] !== undefined) {
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    await writeFile(join(directory, `${name}.jsonl`), await playHistory(scenario));
  }
}

const files = readdirSync(directory).filter((name) => name.endsWith('.jsonl'));

const verifyFile = async (path: string): Promise<Outcome> => {
  const settings = { log: { type: 'history', path }, stream: '', subjectPrefix: '' } as const;
  const { log, close } = await openReadable(settings);
  const journal = await openRecords(settings);
  try {
    return await verify(new Judge(log, await answer(log.head)), journal.lines(0));
  } finally {
    await journal.close();
    await close();
  }
};

describe('the histories', () => {
  test('of every scenario are there', () => {
    const names = Object.keys(SCENARIOS).map((name) => `${name}.jsonl`);
    expect(files).toEqual(expect.arrayContaining(names));
  });

  test.each(files)('%s replays without divergence', async (name) => {
    const { divergence, positions, answers, missing, unreadable } = await verifyFile(
      join(directory, name),
    );
    expect(divergence && divergenceInWords(divergence).join('\n')).toBeUndefined();
    expect({ missing, unreadable }).toEqual({ missing: 0, unreadable: 0 });
    // What a node held that was lost is incomplete, and always will be.
    for (const { verified, uncheckable } of [positions, answers]) {
      expect(uncheckable).toBe(0);
      expect(verified).toBeGreaterThan(0);
    }
  });

  test.each(Object.entries(SCENARIOS))(
    '%s is played as it was recorded',
    async (name, scenario) => {
      const recorded = await readFile(join(directory, `${name}.jsonl`), 'utf8');
      expect(await playHistory(scenario)).toBe(recorded);
    },
  );
});
