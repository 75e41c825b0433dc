/**
 * Runs once before all tests with Tryton: gets the packages, starts a PostgreSQL, and makes one database of each release,
 * from which the tests copy theirs. It says which versions they run on, and hands them to the tests by vitest's `inject`.
 */
import type { TestProject } from 'vitest/node';
import { natsServerBinary } from '../support/nats-binary.ts';
import { makeTemplate } from './support/database.ts';
import { type Release, releases } from './support/packages.ts';
import { startPostgres } from './support/postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly tryton: {
      /** The folder of PostgreSQL's socket. */
      readonly socket: string;
      readonly releases: ReadonlyArray<Release>;
    };
  }
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const nats = await natsServerBinary(say);
  Object.assign(process.env, { JETBUS_TEST_NATS_SERVER: nats.path });
  const found = await releases(say);
  const { socket, version, stop } = await startPostgres();
  const names = found.map((release) => `trytond ${release.version}`);
  say(`${names.join(', ')}; PostgreSQL ${version}; nats-server ${nats.version}`);
  try {
    await Promise.all(found.map((release) => makeTemplate(release, socket)));
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide('tryton', { socket, releases: found });
  return stop;
};
