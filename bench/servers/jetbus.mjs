/**
 * Jetbus by its built command line, on each log, with everything on that a real node has: sessions that are asked about, and a
 * publish token.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats } from './nats.mjs';
import { startSessions } from './sessions.mjs';
import { startNode, TOKEN, targetOf } from './start.mjs';

const MAIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;

let sessions;

/** `log` is memory, file or nats; `args` are more of a node's options; `nodes` is how many share the log. */
export const startJetbus = async ({ log, args = [], nodes = 1, journal, ...more }) => {
  sessions ??= startSessions();
  const directory = await mkdtemp(join(tmpdir(), 'jetbus-bench-'));
  const nats = log === 'nats' ? await startNats() : undefined;
  const place = { memory: 'memory:', file: `file:${join(directory, 'log')}`, nats: nats?.url }[log];
  const beside = log === 'memory' ? [join(directory, 'journal.jsonl')] : [];
  const options = [
    ...['--listen', '127.0.0.1:0', '--log', place, '--drain', '0'],
    ...['--sessions', `trytond:${await sessions}`, '--publish-token', TOKEN],
    ...(journal ? ['--journal', ...beside] : []),
    ...args,
  ];
  const started = [];
  for (let n = 0; n < nodes; n += 1) {
    const node = await startNode([MAIN, 'serve', ...options], {
      ready: /^Jetbus serves on http:\/\/127\.0\.0\.1:(\d+)$/,
      cwd: directory,
      ...more,
    });
    await ready(Number(node.found[1]));
    started.push(node);
  }
  const store = nats === undefined ? [] : [nats.pid];
  const { target, failed, stop } = targetOf(started, store, { nats: nats?.url });
  return {
    target,
    failed,
    stop: async () => {
      await stop();
      await nats?.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
};

const ready = async (port) => {
  for (;;) {
    const { ok } = await fetch(`http://127.0.0.1:${port}/-/readyz`);
    if (ok) return;
    await new Promise((look) => setTimeout(look, 20));
  }
};
