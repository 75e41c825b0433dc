/**
 * A real nats-server, which the tests find or fetch, with JetStream in a directory of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromTests } from './from-tests.mjs';
import { startProgram } from './start.mjs';

let binary;

export const natsServer = async () => {
  binary ??= find();
  return binary;
};

const find = async () => {
  const { natsServerBinary } = await fromTests('support', ['nats-binary.ts']);
  return natsServerBinary((line) => process.stderr.write(`${line}\n`));
};

export const startNats = async () => {
  const { path } = await natsServer();
  const directory = await mkdtemp(join(tmpdir(), 'jetbus-bench-nats-'));
  const args = ['--addr', '127.0.0.1', '--port', '-1', '--jetstream', '--store_dir', directory];
  const ports = ['--ports_file_dir', directory];
  const { pid, found, stop } = await startProgram(path, [...args, ...ports], {
    ready: /Listening for client connections on (127\.0\.0\.1:\d+)$/,
  });
  return {
    url: `nats://${found[1]}`,
    pid,
    stop: async () => {
      await stop('SIGKILL');
      await rm(directory, { recursive: true, force: true });
    },
  };
};
