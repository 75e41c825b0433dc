/**
 * Runs once before all tests: finds the nats-server they run against, says which one it is, and
 * hands its path to the test kit, which runs in other processes, through the environment.
 */
import { natsServerBinary } from './nats-binary.ts';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

export const setup = async (): Promise<void> => {
  const { path, version } = await natsServerBinary(say);
  say(`nats-server ${version} (${path})`);
  Object.assign(process.env, { JETBUS_TEST_NATS_SERVER: path });
};
