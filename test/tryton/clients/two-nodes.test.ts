/**
 * Two nodes of Jetbus on one JetStream behind the proxy: the web client is answered by either, and does not see one of them die.
 */
import { expect, onTestFinished, test, vi } from 'vitest';
import { readyz, type Serving } from '../../support/cli.ts';
import { request } from '../../support/http.ts';
import { NatsServer } from '../../support/nats-server.ts';
import { PUBLISH_TOKEN } from '../support/installation.ts';
import { Desk } from './desk.ts';
import { site } from './site.ts';
import { WebClient } from './web-client.ts';

const { tryton, proxy, account } = site('7.0');

const holds = async ({ url }: Serving): Promise<boolean> =>
  JSON.parse((await readyz(url)).body).held > 0;

const notify = async ({ url }: Serving, title: string, user: number): Promise<void> => {
  const { status } = await request({
    url,
    path: `/${tryton().database}/bus/notify`,
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${PUBLISH_TOKEN}` },
    body: JSON.stringify({ title, user }),
  });
  expect(status).toBe(201);
};

test('a poll goes on at the other node when the one that holds it dies', async () => {
  const nats = await NatsServer.start();
  onTestFinished(() => nats.dispose());
  const serve = () => tryton().serve(['--listen', '127.0.0.1:0', '--log', nats.url]);
  const [one, other] = await Promise.all([serve(), serve()]);
  const url = await proxy([one.url, other.url]);
  const desk = await Desk.start({ screen: false });
  const client = await WebClient.open(desk, url, tryton().database);
  await client.login(account(url));
  const { id } = await tryton().login();

  await notify(one, 'By one', id);
  await notify(other, 'By the other', id);
  await client.polled(3);
  await vi.waitUntil(async () => (await holds(one)) || (await holds(other)));
  const [dying, living] = (await holds(one)) ? [one, other] : [other, one];
  dying.node.kill('SIGKILL');
  await vi.waitUntil(() => holds(living));
  await notify(living, 'By who is left', id);

  const shown = await desk.shown(3);
  expect(shown.map(({ title }) => title)).toEqual(['By one', 'By the other', 'By who is left']);
  await client.polled(4);
  const answers = await Promise.all(client.polls.slice(0, 3).map(WebClient.answer));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
});
