/**
 * `jetbus replay --export`: writes a history into a file.
 */
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Database } from '../bus/names.ts';
import type { Line } from '../journal/line.ts';
import type { Log } from '../log/log.ts';
import { exportHistory } from '../replay/export.ts';
import type { Selection } from './select.ts';
import { version } from './version.ts';
import { writeWhole } from './write-whole.ts';

interface ExportOptions extends Selection {
  readonly redact: boolean;
  readonly recompute: boolean;
}

export const writeHistory = async (
  path: string,
  log: Log,
  records: () => AsyncIterable<Line>,
  database: Database | undefined,
  options: ExportOptions,
  stopBar: () => void,
): Promise<void> => {
  const { from = 0, to = Number.POSITIVE_INFINITY } = options;
  const history = exportHistory({
    log,
    records,
    database,
    from,
    to,
    isRedacted: options.redact,
    isRecomputed: options.recompute,
    version,
  });
  let lines = 0;
  const ended = async function* () {
    for await (const line of history) {
      lines += 1;
      yield `${line}\n`;
    }
  };
  await writeWhole(path, async (part) => {
    await pipeline(ended, createWriteStream(part));
  });
  stopBar();
  process.stdout.write(`${path}: ${lines} lines\n`);
};
