/**
 * The commands that replay, on a recorded history in a file of its own.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { checkout, directory, linesOf, run } from './cli.ts';

/** A command that is sure to succeed, and what it printed. */
export const printed = async (...args: ReadonlyArray<string>): Promise<string> => {
  const { code, stdout, stderr } = await run(args);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return stdout;
};

export const idOf = (body: string): string => JSON.parse(body).message.message_id;

/** A history in a file of its own: what such a recording keeps, or what a test makes of its lines. */
export const history = (
  change: (lines: ReadonlyArray<string>) => ReadonlyArray<string> = (all) => all,
) => {
  const kept = join(checkout, 'test/histories/reconnect-between-two-nodes.jsonl');
  const path = join(directory(), 'history.jsonl');
  const lines = change(linesOf(readFileSync(kept, 'utf8')));
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return `history:${path}`;
};

/** The id of the first message on a channel of a history, as `jetbus log` prints it. */
export const idIn = async (log: string, channel: string): Promise<string> => {
  const [line = ''] = linesOf(await printed('log', 'db', '--log', log, '--channel', channel));
  return idOf(line);
};
