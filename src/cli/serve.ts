/**
 * `jetbus serve`: the bus on an address, by one process or by several, until it is told to stop.
 */
import type { Command } from 'commander';
import { EXIT } from './exit.ts';
import { greeting } from './greeting.ts';
import { refuseUnsafe, type ServeOptions, serveOptions } from './serve-options.ts';
import { stopSignal } from './stop-signal.ts';

export const addServe = (program: Command): void => {
  const command = program.command('serve').description('Serve the bus over HTTP');
  for (const each of serveOptions()) command.addOption(each);
  command.action(serve);
};

const serve = async (options: ServeOptions): Promise<void> => {
  refuseUnsafe(options);
  if (options.workers === 1) return serveAlone(options);
  const { default: cluster } = await import('node:cluster');
  if (cluster.isPrimary) {
    const { serveByWorkers } = await import('./workers.ts');
    return serveByWorkers(options);
  }
  const { serveAsWorker } = await import('./worker.ts');
  return serveAsWorker(options);
};

const serveAlone = async (options: ServeOptions): Promise<void> => {
  const stop = stopSignal();
  const [{ serveNode }, { createLogger }] = await Promise.all([
    import('./serve-node.ts'),
    import('./logger.ts'),
  ]);
  await serveNode(options, {
    logger: createLogger(),
    stop,
    listening: (url) => process.stdout.write(greeting(url, options)),
  });
  // All is closed; but an attempt to reach NATS that took too long may leave a socket open, on which the process would live on.
  process.exit(EXIT.ok);
};
