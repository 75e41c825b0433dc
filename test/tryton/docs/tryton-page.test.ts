/**
 * docs/tryton.md, typed as it stands by root into a fresh machine. What the page says of a step is looked at after it, with
 * trytond's own `notify()` and with the real clients on other machines of the same network.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Desk } from '../clients/desk.ts';
import { DesktopBus } from '../clients/desktop-bus.ts';
import { WebClient } from '../clients/web-client.ts';
import { releaseNamed } from '../support/installation.ts';
import { Machine } from './machine.ts';
import { type Block, blocks, PAGE, text } from './page.ts';

const BOOT_MS = 300_000;
const STEP_MS = 300_000;
const DATABASE = 'shop';
const PROXY = 'http://127.0.0.1:80';
const JETBUS = 'http://127.0.0.1:8100';
const TRYTOND = 'http://127.0.0.1:8000';
const person = { login: 'admin', password: /^echo '(.+)' \| install/m.exec(text)?.[1] ?? '' };

let machine: Machine;
let broken: string | undefined;
const untyped = [...blocks];

beforeAll(async () => {
  machine = await Machine.boot((line) => process.stdout.write(`${line}\n`));
}, BOOT_MS);

afterAll(() => machine?.off());

/** A test that the ones after it build upon. */
const step = (name: string, body: () => Promise<void>): void => {
  test(name, { timeout: STEP_MS }, async () => {
    if (broken !== undefined) throw new Error(`This was not tried, since “${broken}” has failed.`);
    broken = name;
    await body();
    broken = undefined;
  });
};

/** Types the page's next block, which has to be under that heading, and answers what it prints. */
const type = async (heading: string): Promise<string> => {
  const block: Block | undefined = untyped.shift();
  expect(block?.heading).toBe(heading);
  const { line, commands = '' } = block ?? {};
  return machine.output(commands).catch((error: Error) => {
    throw new Error(`${PAGE}, line ${line}: ${error.message}`);
  });
};

const log = (...options: ReadonlyArray<string>): string =>
  `node /opt/jetbus/dist/cli/main.js log ${DATABASE} --log nats://127.0.0.1:4222 ${options.join(' ')}`;

/** trytond's own `notify()`, by its console, to the administrator. */
const notify = (title: string): Promise<string> =>
  machine.output(`runuser -u tryton -- trytond-console -c /etc/tryton/trytond.conf -d ${DATABASE} <<'END'
from trytond.bus import notify
notify(${JSON.stringify(title)}, user=1)
transaction.commit()
END`);

/** Asks until a command says yes, for things of which nobody tells. */
const until = (command: string): Promise<string> =>
  machine.output(`until ${command} > /dev/null; do sleep 0.1; done`);

/** systemd calls it started before it listens. */
const untilTrytondListens = (): Promise<string> => until(`curl -s ${TRYTOND}`);

/** Shows notifications; answers with the titles of all that it has shown, once one of them is there. */
type Client = (title: string) => Promise<ReadonlyArray<string>>;

const untilShown =
  (shown: (count: number) => Promise<ReadonlyArray<{ readonly title: string }>>): Client =>
  async (title) => {
    for (let count = 1; ; count += 1) {
      const titles = (await shown(count)).map((each) => each.title);
      if (titles.at(-1) === title) return titles;
    }
  };

const desktop = async (url: string): Promise<Client> => {
  const via = machine.nearby();
  const release = releaseNamed('6.0');
  const bus = await DesktopBus.login({ release, url, database: DATABASE, ...person, via });
  return untilShown((count) => bus.shown(count));
};

const browser = async (url: string): Promise<Client> => {
  const desk = await Desk.start({ screen: false });
  const chromium = process.env['JETBUS_TEST_CHROMIUM'] ?? 'chromium';
  const client = await WebClient.open(desk, url, DATABASE, await machine.nearbyProgram(chromium));
  await client.login(person);
  return untilShown((count) => desk.shown(count));
};

const bothClients = (): Promise<Array<Client>> => Promise.all([desktop(PROXY), browser(PROXY)]);

step('a machine without Tryton gets one', async () => {
  await type('If there is no Tryton yet');
  await machine.output('systemctl is-active tryton-server && systemctl is-enabled tryton-server');
});

step('NATS has JetStream', async () => {
  await type('1. NATS keeps the log');
  await until('test -d /var/lib/nats/jetstream');
});

step('Jetbus is ready, on a stream of that NATS', async () => {
  await type('2. Jetbus serves');
  expect(await type('2. Jetbus serves')).toMatch('"ready":true');
  await machine.output("test -d '/var/lib/nats/jetstream/$G/streams/JETBUS'");
  await machine.output(
    'systemd-analyze verify --recursive-errors=no /etc/systemd/system/jetbus.service',
  );
});

step('what trytond notifies is in the log', async () => {
  await type('3. trytond publishes');
  await type('3. trytond publishes');
  const following = machine.start(log('--since', '10m', '--follow'));
  await following.line(/Hello from Tryton/);
  following.kill('SIGTERM');
  const line = (await type('3. trytond publishes')).trim();
  expect(JSON.parse(line)).toMatchObject({
    database: DATABASE,
    channel: 'user:1',
    message: { title: 'Hello from Tryton', body: 'It went through Jetbus.' },
  });
});

step('both clients receive through the proxy', async () => {
  await type('4. Clients poll Jetbus');
  await untilTrytondListens();
  const clients = await bothClients();
  await notify('Through the proxy');
  for (const client of clients) await client('Through the proxy');
});

step('a restart of Jetbus takes its time and loses nothing', async () => {
  const clients = await bothClients();
  await notify('Before the restart');
  for (const client of clients) await client('Before the restart');
  await until(`curl -s ${JETBUS}/-/readyz | grep '"held":2'`);
  await Promise.all([machine.output('systemctl restart jetbus'), notify('During the restart')]);
  await notify('After the restart');
  for (const client of clients) {
    const titles = await client('After the restart');
    expect(titles.filter((title) => title.endsWith('the restart'))).toEqual([
      'Before the restart',
      'During the restart',
      'After the restart',
    ]);
  }
  const journal = await machine.output('journalctl --no-pager --unit jetbus');
  expect(journal).toMatch('"held":2,"msg":"draining"');
  expect(journal).not.toMatch(/timed out|Failed/);
});

step('a desktop client is redirected to Jetbus', async () => {
  await type('4. Clients poll Jetbus');
  await untilTrytondListens();
  const client = await desktop(TRYTOND);
  await notify('By the redirect');
  await client('By the redirect');
});

step('all of it is there again when the machine starts', async () => {
  const services = 'postgresql tryton-server nats-server jetbus nginx';
  expect(await machine.output(`systemctl is-enabled ${services}`)).toBe('enabled\n'.repeat(5));
});

step('clients are on trytond’s own bus again, and Jetbus has stopped', async () => {
  const clients = await bothClients();
  for (const _ of [1, 2]) await type('And back');
  await untilTrytondListens();
  for (const _ of [3, 4]) await type('And back');
  clients.push(await desktop(TRYTOND));
  // Its own bus forgets what comes before it has begun to listen to PostgreSQL for its first client.
  await until(`runuser -u postgres -- psql -c 'SELECT query FROM pg_stat_activity' | grep LISTEN`);
  await notify('And back');
  for (const client of clients) await client('And back');
  expect(await machine.output(log())).not.toMatch('And back');
  expect((await machine.run('systemctl is-active jetbus')).stdout).toBe('inactive\n');
});

step('every block of commands on the page was typed', async () => {
  expect(untyped).toEqual([]);
});
