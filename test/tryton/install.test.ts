/**
 * The plug-in as people install it: by pip, from its folder.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { PLUGIN } from './support/configuration.ts';
import { Installation } from './support/installation.ts';
import { PYTHON, RELEASES } from './support/packages.ts';

const run = promisify(execFile);

/** Setuptools builds inside the folder that it is given, so it is given a copy. */
const installInto = async (folder: string): Promise<void> => {
  const [source, target] = [join(folder, 'source'), join(folder, 'target')];
  await cp(PLUGIN, source, { recursive: true });
  const alone = ['--no-build-isolation', '--no-deps', '--no-index', '--disable-pip-version-check'];
  const args = ['-m', 'pip', 'install', ...alone, '--target', target, source];
  const { PYTHONPATH: _, ...env } = process.env;
  await run(PYTHON, args, { env });
};

describe('installed by pip', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'jetbus-plugin-'));
    await installInto(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(RELEASES)('it publishes from trytond %s', async (release) => {
    const tryton = await Installation.make(release, { plugin: join(folder, 'target') });
    onTestFinished(() => tryton.remove());
    await tryton.serve();
    const admin = await tryton.login();
    await admin.run('notify', ['Installed', null, 1, admin.id]);
    expect(await tryton.listen(admin).words(1)).toEqual(['Installed']);
  });
});
