/**
 * One job on one server that is started for it: what is measured in one is not warm from another.
 */
import { fork, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const LOAD = fileURLToPath(new URL('load/main.mjs', import.meta.url));
const REPLAY = fileURLToPath(new URL('replay.mjs', import.meta.url));

/** The figures of a job; rejects when an answer was not as it should be, or the server ended. */
export const runJob = async (server, job, options) => {
  const { target, failed, stop } = await server.start(options);
  const child = fork(LOAD);
  const figures = new Promise((resolve, reject) => {
    child.once('message', (said) =>
      said.error === undefined ? resolve(said.figures) : reject(new Error(said.error)),
    );
    child.once('exit', () => reject(new Error('the load ended without figures')));
  });
  try {
    child.send({ job, target });
    return await Promise.race([figures, failed ?? figures]);
  } finally {
    child.kill('SIGKILL');
    await stop();
  }
};

/** What bench/replay.mjs says of a history of so many entries. */
export const runReplay = async (entries) => {
  const child = spawn(process.execPath, [REPLAY, String(entries)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const text = (await child.stdout.toArray()).join('');
  const [, records, seconds, perSecond, megabytes] = text.trim().split('\n')[1].trim().split(/ +/);
  return Object.fromEntries(
    Object.entries({ records, seconds, perSecond, megabytes }).map(([key, cell]) => [
      key,
      Number(cell),
    ]),
  );
};
