/**
 * A journal in a file of lines, which any tool for text can search, and several nodes' files can be put together.
 */
import { createReadStream, existsSync } from 'node:fs';
import { appendFile, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { logUnavailable } from '../bus/errors.ts';
import { E } from '../fp.ts';
import type { JournalStore, Progress } from './journal.ts';
import { type Line, parseLine, parseRecords } from './line.ts';

const LINE_BREAK = Buffer.from('\n');

/** A store that appends to a file; it is made when it is missing. */
export const fileJournal = (path: string): JournalStore => {
  /** Whether the file may end within a line, as after a full disk, or a process that was killed. */
  let isTorn = existsSync(path);
  return {
    append:
      ({ bytes }) =>
      async () => {
        try {
          await appendFile(path, isTorn ? Buffer.concat([LINE_BREAK, bytes]) : bytes);
          isTorn = false;
          return E.right(undefined);
        } catch (error) {
          isTorn = true;
          return E.left(logUnavailable((error as Error).message));
        }
      },
    close: async () => {},
  };
};

/** The values of a file's lines, in order; empty lines are none. Throws when the file cannot be read. */
export async function* readLines(
  path: string,
  progress: Progress = () => {},
): AsyncGenerator<E.Either<string, unknown>> {
  const { size } = await stat(path);
  const input = createReadStream(path);
  input.on('data', () => progress(input.bytesRead / size));
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) if (line !== '') yield parseLine(line);
}

/** The records of a file. */
export async function* readFileJournal(path: string, progress?: Progress): AsyncGenerator<Line> {
  for await (const line of readLines(path, progress)) {
    if (E.isLeft(line)) yield line;
    else yield* parseRecords(line.right);
  }
}
