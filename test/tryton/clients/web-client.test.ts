/**
 * Tryton's web client of each release, in a browser, through the proxy: a notification of trytond's is one of the desktop's.
 */
import { describe, expect, test } from 'vitest';
import { directory } from '../../support/cli.ts';
import { poll, session } from '../../support/http.ts';
import { RELEASES } from '../support/packages.ts';
import { Desk } from './desk.ts';
import { site } from './site.ts';
import { NOTHING } from './upstream.ts';
import { WebClient } from './web-client.ts';

const PASSWORD = 'Qx7-vineyard';

describe.each(RELEASES)('the web client of Tryton %s', (name) => {
  const { tryton, serve, proxy } = site(name);

  /** Somebody new who has logged in through the proxy, and how to notify her. */
  const openAs = async (login: string) => {
    const [desk, url] = [await Desk.start({ screen: false }), await proxy()];
    const admin = await tryton().login();
    const users = [{ name: login, login, password: PASSWORD }];
    const [id] = (await admin.call('model.res.user.create', [users])) as [number];
    const client = await WebClient.open(desk, url, tryton().database);
    await client.login({ login, password: PASSWORD });
    const notify = (title: string) => admin.run('notify', [title, `für ${login}`, 1, id, null]);
    return { desk, url, id, client, notify };
  };

  test('shows what trytond notifies, until it logs out', async () => {
    await serve('--session-ttl', '1');
    const { desk, url, id, client, notify } = await openAs('ada');
    await notify('Für Sie');
    expect(await desk.shown(1)).toEqual([
      { application: 'Chromium', title: 'Für Sie', body: `${new URL(url).host}\n\nfür ada` },
    ]);
    const [first] = client.polls;
    const { message } = JSON.parse((await WebClient.answer(first)).body);
    const second = await client.polled(2);
    expect(second.url()).toBe(`${url}/${tryton().database}/bus`);
    expect(second.postDataJSON()).toMatchObject({ last_message: message.message_id });
    expect(client.troubles).toEqual([]);

    const authorization = second.headers()['authorization'] ?? '';
    const [user, key] = Buffer.from(authorization.slice(8), 'base64')
      .toString()
      .split(':')
      .slice(1);
    expect(session(Number(user), 'ada', key)).toBe(authorization);
    expect(Number(user)).toBe(id);
    await client.logout();
    expect(await WebClient.answer(second)).toEqual({ status: 200, body: NOTHING });
    const again = await poll(url, tryton().database, {}, { Authorization: authorization });
    expect(again.status).toBe(401);
    expect(client.polls).toHaveLength(2);
  });

  test('goes on when Jetbus has been restarted, and missed nothing', async () => {
    const log = ['--log', `file:${directory()}`];
    const { node } = await serve(...log);
    const { desk, client, notify } = await openAs('bob');
    await notify('Before');
    await desk.shown(1);
    node.kill('SIGKILL');
    await client.polled(3);
    expect(await WebClient.answer(client.polls[1])).toMatchObject({ status: 503 });
    await notify('While it was away');
    await serve(...log);
    await notify('After');
    const shown = await desk.shown(3);
    expect(shown.map(({ title }) => title)).toEqual(['Before', 'While it was away', 'After']);
  });
});
