/**
 * Tryton's desktop client as a whole, as it is installed, on a screen: it is logged in by its own dialogue.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Running, startProgram } from '../../support/cli.ts';
import { PYTHON, pythonOf } from '../support/packages.ts';
import type { Desk } from './desk.ts';
import type { Account } from './desktop-bus.ts';

const run = promisify(execFile);

/** How long a typed password may take until the client polls, before it is typed again. */
const TYPED_MS = 4000;

/** Starts it on a desk; done when it is logged in and polls. */
export const startDesktopClient = async (desk: Desk, account: Account): Promise<void> => {
  const { release, url, database, login, password } = account;
  const program = join(release.root, 'usr/bin/tryton');
  const address = `tryton://${new URL(url).host}/${database}`;
  const env = { ...pythonOf(release.root), ...desk.env };
  const client = startProgram(PYTHON, [program, '--verbose', '--user', login, address], { env });
  await typePassword(client, desk, password);
};

/**
 * Types it until the client polls, for nothing tells when the dialogue takes keys, and a part of them may get lost. The first
 * question to the server is the one to which it answers that it wants a password.
 */
const typePassword = async (client: Running, desk: Desk, password: string): Promise<void> => {
  const env = { ...process.env, ...desk.env };
  const polls = client.line(/poll channels/).then(() => true);
  await client.line(/common\.db\.login/);
  do {
    await run('xdotool', ['key', 'ctrl+a'], { env });
    await run('xdotool', ['type', '--delay', '20', password], { env });
    await run('xdotool', ['key', 'Return'], { env });
  } while (!(await Promise.race([polls, sleep(TYPED_MS, false)])));
};
