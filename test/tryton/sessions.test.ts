/**
 * Jetbus asks trytond who may poll, and keeps to what trytond says: who logs out is out, and who is not known gets nothing.
 */
import { describe, expect, test } from 'vitest';
import { readyz } from '../support/cli.ts';
import { session } from '../support/http.ts';
import { Gate } from './support/gate.ts';
import { installation } from './support/installation.ts';
import { pollOnce } from './support/listener.ts';
import { RELEASES } from './support/packages.ts';
import type { User } from './support/rpc.ts';

const NOTHING = '{"message":null,"channel":null}';

/** Done when a poll of somebody is held: only then is a session that holds asked about again. */
const untilHeld = (gate: Gate, { authorization }: User): Promise<void> =>
  gate.untilAsked(authorization, 2);

describe.each(RELEASES)('trytond %s', (release) => {
  const tryton = installation(release);

  test('logging out ends the poll that is held, and the next one is 401', async () => {
    const gate = await Gate.before(tryton().trytond.url);
    await tryton().serve(['--session-ttl', '0.5'], gate.url);
    const ada = await tryton().loginAsNew('ada');
    const held = pollOnce(tryton().listening(ada.authorization));
    await untilHeld(gate, ada);
    await ada.logout();
    const { status, body } = await held;
    expect({ status, body }).toEqual({ status: 200, body: NOTHING });
    const next = await pollOnce(tryton().listening(ada.authorization));
    expect(next.status).toBe(401);
  });

  test('who has no session is refused as trytond refuses', async () => {
    await tryton().serve();
    const admin = await tryton().login();
    for (const key of [session(admin.id, 'admin', 'f'.repeat(64)), undefined]) {
      const listening = tryton().listening(key);
      const ours = await pollOnce(listening);
      const trytonds = await pollOnce({ ...listening, url: tryton().trytond.url });
      expect([ours.status, trytonds.status]).toEqual([401, 401]);
      expect([ours.body, trytonds.body]).toEqual(['', '']);
      const challenges = [ours, trytonds].map(({ headers }) => headers['www-authenticate']);
      expect(challenges).toEqual(['Basic realm="Tryton"', 'Basic realm="Tryton"']);
    }
  });

  test('each session hears its own user, also when a user has two', async () => {
    await tryton().serve();
    const admin = await tryton().login();
    const users = [await tryton().loginAsNew('bea'), await tryton().loginAsNew('cy')];
    const again = await tryton().login('bea');
    const heard = [...users, again].map((user) => tryton().listen(user).next());
    for (const { id } of users) await admin.run('notify', [`To ${id}`, null, 1, id]);
    const titles = (await Promise.all(heard)).map(({ message }) => message['title']);
    const [bea, cy] = users.map(({ id }) => `To ${id}`);
    expect(titles).toEqual([bea, cy, bea]);
  });

  test('a session of another database is none', async () => {
    await tryton().serve();
    const { authorization } = await tryton().login();
    const elsewhere = { ...tryton().listening(authorization), database: 'nobodys' };
    expect((await pollOnce(elsewhere)).status).toBe(503);
  });

  test('however many polls wait, a session is asked about once', async () => {
    const gate = await Gate.before(tryton().trytond.url);
    const { url } = await tryton().serve([], gate.url);
    const admin = await tryton().login();
    gate.hold();
    const held = Array.from({ length: 20 }, () => tryton().listen(admin).next());
    while (JSON.parse((await readyz(url)).body).held < held.length);
    gate.release();
    await admin.run('notify', ['To all', null, 1, admin.id]);
    for (const { message } of await Promise.all(held)) expect(message['title']).toBe('To all');
    expect(gate.timesAsked(admin.authorization)).toBe(1);
  });

  test('while trytond is away known sessions go on, and unknown ones get 503', async () => {
    const times = ['--session-ttl', '0.3', '--session-negative-ttl', '0.2'];
    const { node } = await tryton().serve([...times, '--long-polling-timeout', '1']);
    const [admin, late] = [await tryton().login(), await tryton().login()];
    const known = tryton().listen(admin);
    await admin.run('notify', ['Known now', null, 1, admin.id]);
    await known.next();
    await tryton().trytond.stop();
    for (let turn = 0; turn < 3; turn += 1) {
      const { status, body } = await known.poll();
      expect({ status, body }).toEqual({ status: 200, body: NOTHING });
    }
    await node.line(/trytond cannot be asked/);
    const unknown = await pollOnce(tryton().listening(late.authorization));
    expect(unknown.status).toBe(503);
    expect(JSON.parse(unknown.body).error.code).toBe('sessions_unavailable');
    await tryton().trytond.launch();
    expect(await tryton().listen(late).words(1)).toEqual(['Known now']);
    await node.line(/trytond answers for sessions again/);
  });

  test('a trytond that hangs ends no poll of a known session, which hears what comes', async () => {
    const gate = await Gate.before(tryton().trytond.url);
    await tryton().serve(['--session-ttl', '0.5'], gate.url);
    const admin = await tryton().login();
    const heard = tryton().listen(admin).next();
    await untilHeld(gate, admin);
    gate.hold();
    await gate.untilAsked(admin.authorization, gate.timesAsked(admin.authorization) + 1);
    await admin.run('notify', ['Although it hangs', null, 1, admin.id]);
    expect((await heard).message['title']).toBe('Although it hangs');
  });

  test('the grace time ends, and begins anew when trytond is back', async () => {
    const gate = await Gate.before(tryton().trytond.url);
    const times = ['--session-ttl', '0.3', '--session-negative-ttl', '0.1'];
    await tryton().serve([...times, '--session-grace', '0.5'], gate.url);
    const admin = await tryton().login();
    const listening = tryton().listening(admin.authorization);
    const held = pollOnce(listening);
    await untilHeld(gate, admin);
    await tryton().trytond.stop();
    expect((await held).body).toBe(NOTHING);
    expect((await pollOnce(listening)).status).toBe(503);
    await tryton().trytond.launch();
    const heard = tryton().listen(admin).next();
    await admin.run('notify', ['Back', null, 1, admin.id]);
    expect((await heard).message['title']).toBe('Back');
  });
});

describe.each(RELEASES)('trytond %s that redirects clients to Jetbus', (release) => {
  const tryton = installation(release, {
    config: { bus: { allow_subscribe: 'True', url_host: 'http://jetbus.example.com/' } },
  });

  test('its redirect is what a session that holds is known by', async () => {
    await tryton().serve();
    const admin = await tryton().login();
    const there = { ...tryton().listening(admin.authorization), url: tryton().trytond.url };
    const { status, headers } = await pollOnce(there);
    expect(status).toBe(308);
    expect(headers.location).toBe(`http://jetbus.example.com/${tryton().database}/bus`);
    const heard = tryton().listen(admin).next();
    await admin.run('notify', ['Redirected', null, 1, admin.id]);
    expect((await heard).message['title']).toBe('Redirected');
    await admin.logout();
    expect((await pollOnce(there)).status).toBe(401);
  });
});
