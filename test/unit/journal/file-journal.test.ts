/**
 * A journal in a file: what is appended is there, whatever the file ended with, and whoever else
 * appends.
 */
import { appendFile, mkdir, mkdtemp, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { E } from '../../../src/fp.ts';
import { fileJournal, readFileJournal } from '../../../src/journal/file-journal.ts';
import type { Line } from '../../../src/journal/line.ts';
import { batchOf } from '../../support/journal.ts';
import { answer, refusal } from '../../support/logs.ts';
import { recordedNode, storeAt } from '../../support/recorded-node.ts';
import { linesIn } from '../../support/records.ts';

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jetbus-journal-'));
  path = join(directory, 'journal.jsonl');
});

afterEach(() => rm(directory, { recursive: true }));

/** What a node of this run records that answers no more than a poll. */
const recordsOf = async (run: string): Promise<ReadonlyArray<string>> => {
  const node = await recordedNode(storeAt(0), run);
  await node.poll(['a']);
  return node.lines();
};

/** Appends as a process does that has just begun. */
const append = (run: string, lines: ReadonlyArray<string>) =>
  fileJournal(path).append(batchOf(run, lines));

const linesOf = async (file: string): Promise<ReadonlyArray<Line>> => {
  const lines: Array<Line> = [];
  for await (const line of readFileJournal(file)) lines.push(line);
  return lines;
};

describe('a file that is opened again', () => {
  test('goes on where it ended', async () => {
    const lines = await recordsOf('one');
    await answer(append('one', lines.slice(0, 2)));
    await answer(append('one', lines.slice(2)));
    expect(await linesOf(path)).toEqual(linesIn(lines));
  });

  test('loses no more than the line that it was cut short in', async () => {
    const [one, two] = [await recordsOf('one'), await recordsOf('two')];
    await answer(append('one', one));
    await truncate(path, (await readFile(path)).length - 20);
    await answer(append('two', two));
    const read = await linesOf(path);
    expect(read.filter(E.isLeft)).toHaveLength(1);
    expect(read.filter(E.isRight)).toEqual(linesIn([...one.slice(0, -1), ...two]));
  });

  test('is as whole as it was when all of its last line but the end is there', async () => {
    const [one, two] = [await recordsOf('one'), await recordsOf('two')];
    await appendFile(path, one.join('\n'));
    await answer(append('two', two));
    expect(await linesOf(path)).toEqual(linesIn([...one, ...two]));
  });
});

test('a file in a directory that does not exist is an error that names it, and is made when it does', async () => {
  const missing = join(directory, 'missing');
  const file = join(missing, 'journal.jsonl');
  const journal = fileJournal(file);
  const lines = await recordsOf('one');
  expect(await refusal(journal.append(batchOf('one', lines)))).toMatchObject({
    _tag: 'LogUnavailable',
    reason: expect.stringContaining(missing),
  });
  await mkdir(missing);
  await answer(journal.append(batchOf('one', lines)));
  expect(await linesOf(file)).toEqual(linesIn(lines));
});

test('nodes that append to one file lose nothing, and each one’s records keep their order', async () => {
  const runs = ['one', 'two'];
  const recorded = await Promise.all(runs.map(recordsOf));
  await Promise.all(
    recorded.map(async (lines, index) => {
      const journal = fileJournal(path);
      for (const line of lines) {
        await answer(journal.append(batchOf(String(runs[index]), [line])));
      }
    }),
  );
  const read = await linesOf(path);
  expect(read).toHaveLength(linesIn(recorded.flat()).length);
  for (const [index, lines] of recorded.entries()) {
    const own = read.filter((line) => E.isRight(line) && line.right.run === runs[index]);
    expect(own).toEqual(linesIn(lines));
  }
});
