/**
 * `notify()` and `Bus.publish()` inside trytond's transactions, heard by clients that poll Jetbus with trytond's own sessions.
 */
import { describe, expect, test } from 'vitest';
import { session } from '../support/http.ts';
import { installation } from './support/installation.ts';
import { pollOnce } from './support/listener.ts';
import { RELEASES } from './support/packages.ts';

const notification = (title: string, body: string | null = null, priority = 1) => ({
  type: 'notification',
  title,
  body,
  priority,
  message_id: expect.any(String),
});

describe.each(RELEASES)('trytond %s', (release) => {
  const tryton = installation(release);

  test('notify() reaches its user, on a poll that is held', async () => {
    await tryton().serve();
    const admin = await tryton().login();
    const ada = await tryton().loginAsNew('ada');
    const heard = tryton().listen(ada).next();
    await admin.run('notify', ['Stock is low', 'Order more', 2, ada.id]);
    expect(await heard).toEqual({
      channel: `user:${ada.id}`,
      message: notification('Stock is low', 'Order more', 2),
    });
    await admin.run('notify', ['For the admin', null, 1, admin.id]);
    expect((await tryton().listen(admin).next()).message).toEqual(notification('For the admin'));
  });

  test('notify() reaches the client that it names, or that calls', async () => {
    await tryton().serve();
    const admin = await tryton().login();
    const [named, calling] = [['client:5e0c-1'], ['client:5e0c-2']];
    const heard = tryton().listen(admin, named).next();
    await admin.run('notify', ['To a client', null, 1, null, '5e0c-1']);
    expect(await heard).toEqual({ channel: named[0], message: notification('To a client') });
    await admin.run('notify', ['To whoever calls'], { client: '5e0c-2' });
    expect((await tryton().listen(admin, calling).next()).channel).toBe(calling[0]);
  });

  test('what rolls back sends nothing', async () => {
    await tryton().serve();
    const admin = await tryton().login();
    await expect(admin.run('notify_and_fail', ['Rolled back', admin.id])).rejects.toThrow(/wants/);
    await admin.run('notify', ['Committed', null, 1, admin.id]);
    expect(await tryton().listen(admin).words(1)).toEqual(['Committed']);
  });

  test('a transaction that trytond tries again sends once', async () => {
    await tryton().serve();
    const admin = await tryton().login();
    await admin.run('notify_and_try_again', ['Tried again', admin.id]);
    await admin.run('notify', ['Next', null, 1, admin.id]);
    expect(await tryton().listen(admin).words(2)).toEqual(['Tried again', 'Next']);
  });

  test('a transaction inside another sends for itself, when it commits', async () => {
    await tryton().serve();
    const admin = await tryton().login();
    await admin.run('notify_in_transactions', ['Nested', admin.id]);
    await admin.run('notify', ['Next', null, 1, admin.id]);
    expect(await tryton().listen(admin).words(4)).toEqual([
      'Nested: inner',
      'Nested: another',
      'Nested: outer',
      'Next',
    ]);
  });

  test('a transaction that only reads sends as well', async () => {
    await tryton().serve();
    const admin = await tryton().login();
    await admin.run('notify_while_reading', ['Read', admin.id]);
    expect(await tryton().listen(admin).words(1)).toEqual(['Read']);
  });

  test('the order is that in which transactions commit', async () => {
    await tryton().serve();
    const admin = await tryton().login();
    const last = admin.run('notify_last', ['Published first', admin.id]);
    await admin.run('overtake', ['Committed first', admin.id]);
    await admin.run('let_go', []);
    await last;
    const heard = await tryton().listen(admin).words(2);
    expect(heard).toEqual(['Committed first', 'Published first']);
  });

  test('100 messages of one transaction come in order', async () => {
    await tryton().serve();
    const admin = await tryton().login();
    await admin.run('publish_many', ['burst', 'n', 100]);
    const heard = await tryton().listen(admin, ['burst']).words(100);
    expect(heard).toEqual(Array.from({ length: 100 }, (_, n) => `n-${n}`));
  });

  test('a message may have 20 kB, of any characters', async () => {
    await tryton().serve();
    const admin = await tryton().login();
    const body = 'Größe, 世界, 🚚, \u2028, "\\'.repeat(1000);
    expect(Buffer.byteLength(body)).toBeGreaterThan(20_000);
    await admin.run('notify', ['Long', body, 1, admin.id]);
    expect((await tryton().listen(admin).next()).message).toEqual(notification('Long', body));
  });

  test('values that JSON has no type for come as trytond writes them', async () => {
    await tryton().serve();
    const admin = await tryton().login();
    const message = {
      type: 'delivery',
      product: 9007199254740991,
      instant: {
        __class__: 'datetime',
        year: 2026,
        month: 2,
        day: 28,
        hour: 23,
        minute: 59,
        second: 1,
        microsecond: 5,
      },
      date: { __class__: 'date', year: 2026, month: 2, day: 28 },
      time: { __class__: 'time', hour: 1, minute: 2, second: 3, microsecond: 0 },
      wait: { __class__: 'timedelta', seconds: 90.5 },
      price: { __class__: 'Decimal', decimal: '12.50' },
      label: { __class__: 'bytes', base64: 'AP8=\n' },
      nested: [{ ключ: [null, true, 1.5] }],
    };
    await admin.run('publish', ['deliveries', message]);
    const heard = await tryton().listen(admin, ['deliveries']).next();
    expect(heard.message).toEqual({ ...message, message_id: expect.any(String) });
  });

  test('a message that the bus refuses is logged, and the next one comes', async () => {
    await tryton().serve();
    const admin = await tryton().login();
    await admin.run('publish', ['', { text: 'to nobody' }]);
    await admin.run('publish', ['stock', { text: 'x'.repeat(2_000_000) }]);
    await admin.run('publish', ['stock', { text: 'next' }]);
    expect(await tryton().listen(admin, ['stock']).words(1)).toEqual(['next']);
    await tryton().trytond.logged(/refuses a message .*too_large/);
    await tryton().trytond.logged(/refuses a message .*invalid_request/);
  });
});

describe.each(RELEASES)('trytond %s whose bus is off', (release) => {
  const tryton = installation(release, { config: { bus: { allow_subscribe: 'False' } } });

  test('answers polls of its own with 501, before the plug-in is asked', async () => {
    const { authorization } = await tryton().login();
    const there = { ...tryton().listening(authorization), url: tryton().trytond.url };
    const { status, headers } = await pollOnce(there);
    expect([status, headers['jetbus-session']]).toEqual([501, undefined]);
  });
});

describe.each(RELEASES)('trytond %s whose bus is on', (release) => {
  const tryton = installation(release, { config: { bus: { allow_subscribe: 'True' } } });

  test('answers polls of its own with 503, and the mark of a session that holds', async () => {
    const { authorization } = await tryton().login();
    const there = { ...tryton().listening(authorization), url: tryton().trytond.url };
    const { status, headers } = await pollOnce(there);
    expect([status, headers['jetbus-session']]).toEqual([503, 'holds']);
  });

  test('gives no such mark to a session that does not hold', async () => {
    const listening = tryton().listening(session(1, 'admin', 'none'));
    const { status, headers } = await pollOnce({ ...listening, url: tryton().trytond.url });
    expect([status, headers['jetbus-session']]).toEqual([401, undefined]);
  });

  test('answers a password with 400, and so does Jetbus', async () => {
    await tryton().serve();
    const basic = `Basic ${Buffer.from('admin:admin').toString('base64')}`;
    const listening = tryton().listening(basic);
    const there = { ...listening, url: tryton().trytond.url };
    expect([(await pollOnce(listening)).status, (await pollOnce(there)).status]).toEqual([
      400, 400,
    ]);
  });

  test('tells Jetbus of its sessions all the same', async () => {
    await tryton().serve();
    const admin = await tryton().login();
    const heard = tryton().listen(admin).next();
    await admin.run('notify', ['Heard', null, 1, admin.id]);
    expect((await heard).message['title']).toBe('Heard');
  });
});
