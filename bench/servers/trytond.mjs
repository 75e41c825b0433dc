/**
 * The real trytond, with the PostgreSQL, the database and the server that the tests with Tryton have; its own bus is on.
 */
import { childrenOf } from '../processes.mjs';
import { fromTests } from './from-tests.mjs';
import { moveToServers } from './start.mjs';

let prepared;

/** Installs what is missing, and starts a PostgreSQL for all rounds. */
export const prepareTrytond = async () => {
  prepared ??= prepare();
  return (await prepared).version;
};

export const stopTrytond = async () => (await prepared)?.postgres.stop();

const prepare = async () => {
  const tests = await fromTests('tryton/support', [
    'packages.ts',
    'postgres.ts',
    'database.ts',
    'rpc.ts',
    'trytond.ts',
  ]);
  const say = (line) => process.stderr.write(`${line}\n`);
  const [release] = await tests.releases(say);
  const postgres = await tests.startPostgres();
  const store = childrenNamed('postgres');
  await tests.makeTemplate(release, postgres.socket);
  const version = `trytond ${release.version} with PostgreSQL ${postgres.version}`;
  return { tests, release, postgres, store, version };
};

/** The tests do not tell the ids of what they start. */
const childrenNamed = (name) =>
  childrenOf(process.pid)
    .filter((child) => child.name === name)
    .map(({ pid }) => pid);

export const startTrytond = async () => {
  await prepareTrytond();
  const { tests, release, postgres, store } = await prepared;
  const { socket } = postgres;
  const { database } = await tests.copyTemplate(release, socket);
  const config = { bus: { allow_subscribe: 'True', long_polling_timeout: '300' } };
  const trytond = await tests.Trytond.start({ release, database, config, socket });
  const server = childrenNamed('python3');
  moveToServers(server);
  const { ADMIN_PASSWORD, DATABASE_USER } = tests;
  const { authorization } = await tests.login(trytond.url, database, 'admin', ADMIN_PASSWORD);
  const where = ['--host', socket, '--username', DATABASE_USER, '--dbname', database];
  return {
    target: {
      adapter: 'trytond',
      port: Number(new URL(trytond.url).port),
      database,
      authorization,
      psql: ['psql', ...where, '--no-psqlrc'],
      pids: { server, store },
    },
    stop: () => trytond.dispose(),
  };
};
