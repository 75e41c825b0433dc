/**
 * The plug-in's parts by themselves, in Python: what no trytond shows without a disk that is full or a process that hangs.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { directory } from '../support/cli.ts';
import { environmentOf } from './support/configuration.ts';
import { releaseNamed } from './support/installation.ts';
import { PYTHON, RELEASES } from './support/packages.ts';

const run = promisify(execFile);
const TESTS = join(import.meta.dirname, 'plugin');

test.each(RELEASES)('unittest, with trytond %s', async (release) => {
  const env = {
    ...process.env,
    ...environmentOf(releaseNamed(release), ''),
    TRYTOND_BUS__JETBUS_SPOOL: directory(),
  };
  const args = ['-W', 'error', '-m', 'unittest', 'discover', '--start-directory', TESTS];
  const { stderr } = await run(PYTHON, args, { env });
  // Where file systems cannot be mounted, the tests that need one of their own are skipped.
  expect(stderr).toMatch(/^Ran [1-9]\d* tests? in .*\n\nOK( \(skipped=2\))?\n$/m);
});
