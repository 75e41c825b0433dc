/**
 * Finds the Chromium that the tests of the page run in. Where there is none, Debian's package is installed if that may be done;
 * otherwise the tests fail and say why, for they must never be silently green.
 */
import { execFile } from 'node:child_process';
import { delimiter, resolve } from 'node:path';
import { promisify } from 'node:util';
import { installPackages } from './apt.ts';

interface Browser {
  readonly path: string;
  readonly version: string;
}

const run = promisify(execFile);
const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const otherwise = 'Install Chromium, or set CHROMIUM_BIN to the path of one.';

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const inspect = async (path: string): Promise<Browser> => {
  const { stdout } = await run(path, ['--version']);
  return { path, version: stdout.trim() };
};

const installed = async (): Promise<Browser | undefined> => {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  const paths = NAMES.flatMap((name) => directories.map((directory) => resolve(directory, name)));
  for (const path of paths) {
    const browser = await inspect(path).catch(() => undefined);
    if (browser !== undefined) return browser;
  }
  return undefined;
};

export const chromiumBinary = async (log: (line: string) => void): Promise<Browser> => {
  const { CHROMIUM_BIN: named } = process.env;
  if (named) {
    return inspect(resolve(named)).catch((error: unknown) => {
      throw new Error(`CHROMIUM_BIN names ${named}, which does not run: ${reason(error)}`);
    });
  }
  const found = await installed();
  if (found !== undefined) return found;
  log('Installing chromium by apt, as none is installed.');
  await installPackages(['chromium'], otherwise);
  const browser = await installed();
  if (browser === undefined) throw new Error(`apt installed no chromium that runs. ${otherwise}`);
  return browser;
};
