/**
 * A trytond on SQLite, where its own bus has no channels and says nothing: with Jetbus it has one.
 */
import { describe, expect, test } from 'vitest';
import { installation } from './support/installation.ts';
import { RELEASES } from './support/packages.ts';

describe.each(RELEASES)('trytond %s on SQLite', (release) => {
  const tryton = installation(release, { backend: 'sqlite' });

  test('publishes what commits, and nothing that rolls back', async () => {
    await tryton().serve();
    const admin = await tryton().login();
    const listener = tryton().listen(admin);
    await expect(admin.run('notify_and_fail', ['Rolled back', admin.id])).rejects.toThrow(/wants/);
    await admin.run('notify', ['Committed', null, 1, admin.id]);
    await admin.run('notify_while_reading', ['Read', admin.id]);
    expect(await listener.words(2)).toEqual(['Committed', 'Read']);
  });
});
