/**
 * Tryton's desktop client of each release, whole and untouched: a notification of trytond's is one of the desktop's.
 */
import { describe, expect, test } from 'vitest';
import { RELEASES } from '../support/packages.ts';
import { Desk } from './desk.ts';
import { startDesktopClient } from './desktop-client.ts';
import { site } from './site.ts';

describe.each(RELEASES)('the desktop client of Tryton %s', (name) => {
  const { tryton, serve, account } = site(name);

  // Keys are typed into windows that do not tell when they take them.
  test('shows what trytond notifies', { retry: 2 }, async () => {
    await serve();
    const desk = await Desk.start({ screen: true });
    const admin = await tryton().login();
    await startDesktopClient(desk, account(tryton().trytond.url));
    const [title, body] = ['Für Sie', 'ein <b>Wort</b>'];
    await admin.run('notify', [title, body, 1, admin.id, null]);
    expect(await desk.shown(1)).toEqual([{ application: 'tryton', title, body }]);
  });
});
