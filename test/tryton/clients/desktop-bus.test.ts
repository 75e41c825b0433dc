/**
 * Tryton's desktop client, by its own bus module, of each release: through trytond's redirect and through the proxy, and over
 * the restarts of what is behind them.
 */
import { describe, expect, test } from 'vitest';
import { directory } from '../../support/cli.ts';
import { RELEASES } from '../support/packages.ts';
import { DesktopBus } from './desktop-bus.ts';
import { site } from './site.ts';

describe.each(RELEASES)('the bus of the desktop client of Tryton %s', (name) => {
  const { tryton, serve, proxy, account } = site(name);
  const login = (through = tryton().trytond.url) => DesktopBus.login(account(through));

  test.each([
    ['trytond’s redirect', () => tryton().trytond.url],
    ['the proxy', () => proxy()],
  ])('shows what trytond notifies, and nothing else, through %s', async (_, through) => {
    await serve();
    const admin = await tryton().login();
    const desktop = await login(await through());
    const long = 'ß🦆'.repeat(5_000);
    await admin.run('publish', [`client:${desktop.client}`, { text: 'of no type' }]);
    await admin.run('publish', [`client:${desktop.client}`, { type: 'other' }]);
    await admin.run('notify', ['To the user', 'of it', 3, admin.id, null]);
    await admin.run('notify', ['To the client', long, 0, null, desktop.client]);
    await admin.run('notify', ['To whom asks', null, 1, null, null], { client: desktop.client });
    expect(await desktop.shown(3)).toEqual([
      { title: 'To the user', body: 'of it', priority: 3 },
      { title: 'To the client', body: long, priority: 0 },
      { title: 'To whom asks', body: null, priority: 1 },
    ]);
  });

  test('goes on when Jetbus and trytond have been restarted, and missed nothing', async () => {
    const log = ['--log', `file:${directory()}`];
    const { trytond } = tryton();
    const { node } = await serve(...log);
    const admin = await tryton().login();
    const desktop = await login();
    const notify = (title: string) => admin.run('notify', [title, null, 1, admin.id, null]);
    await notify('Before');
    await desktop.shown(1);
    node.kill('SIGKILL');
    await desktop.logged(/Sleeping for 1 seconds/);
    await notify('While it was away');
    await trytond.stop();
    await serve(...log);
    await trytond.launch();
    await notify('After');
    const shown = await desktop.shown(3);
    expect(shown.map(({ title }) => title)).toEqual(['Before', 'While it was away', 'After']);
  });

  test('ends its hold when it logs out, and no poll of that session is taken any more', async () => {
    await serve('--session-ttl', '1');
    const desktop = await login();
    await desktop.logged(/poll channels/);
    await desktop.logout();
    await desktop.logged(/HTTP Error 401/);
  });
});
