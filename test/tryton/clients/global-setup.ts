/**
 * Runs once before all tests with Tryton's clients: gets what a desktop is made of, and a browser, and says which one it is.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { installPackages } from '../../support/apt.ts';
import { chromiumBinary } from '../../support/chromium.ts';

const run = promisify(execFile);

/** A program of each package. */
const NEEDED = { 'dbus-daemon': 'dbus-daemon', xvfb: 'Xvfb', xdotool: 'xdotool' };

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const isThere = (program: string): Promise<boolean> =>
  run('which', [program]).then(
    () => true,
    () => false,
  );

export const setup = async (): Promise<void> => {
  const missing: Array<string> = [];
  for (const [name, program] of Object.entries(NEEDED)) {
    if (!(await isThere(program))) missing.push(name);
  }
  if (missing.length > 0) {
    say(`Installing ${missing.join(' ')} by apt, as the tests with Tryton's clients need them.`);
    await installPackages(missing, `Install ${Object.keys(NEEDED).join(' ')}.`);
  }
  const { path, version } = await chromiumBinary(say);
  say(`${version} (${path})`);
  Object.assign(process.env, { JETBUS_TEST_CHROMIUM: path });
};
