/**
 * A bus node and its HTTP server in this process, on a port of its own.
 */
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';
import { trust } from '../../src/auth/trust.ts';
import { createServer, type ServerOptions, stopServer } from '../../src/http/server.ts';
import type { HubSettings } from '../../src/hub/hub.ts';
import { type Node, startNode } from '../../src/hub/node.ts';
import { silentLogger, systemClock, systemRandom } from '../../src/library/system.ts';
import type { Log } from '../../src/log/log.ts';
import type { Random, Sessions } from '../../src/ports.ts';

export interface ServingSettings
  extends Partial<HubSettings>,
    Partial<Omit<ServerOptions, 'node'>> {
  readonly sessions?: Sessions;
  readonly random?: Random;
}

export interface Serving {
  readonly url: string;
  readonly node: Node;
  /** Stops as `jetbus serve` does, with so many milliseconds to drain. */
  readonly close: (drainMs?: number) => Promise<void>;
}

/** Longer than any test waits: a poll that ends before was not ended by its time. */
const LONG_POLLING_TIMEOUT_MS = 60_000;
const CACHE_TIMEOUT_MS = 300_000;

/** Serves a log, which is closed with it; done when polls are answered. */
export const serve = async ({
  log,
  sessions = trust,
  random = systemRandom,
  longPollingTimeoutMs = LONG_POLLING_TIMEOUT_MS,
  cacheTimeoutMs = CACHE_TIMEOUT_MS,
  allowSubscribe = true,
  publishToken,
  cors = [],
  trustedProxies = [],
}: ServingSettings & { readonly log: Log }): Promise<Serving> => {
  const node = startNode({
    log,
    sessions,
    random,
    clock: systemClock,
    logger: silentLogger,
    settings: { longPollingTimeoutMs, longPollingJitter: 0, cacheTimeoutMs, allowSubscribe },
  });
  const server = createServer({ node, clock: systemClock, publishToken, cors, trustedProxies });
  await server.listen({ host: '127.0.0.1', port: 0 });
  await vi.waitUntil(() => node.status().node === 'serving', { interval: 5, timeout: 10_000 });
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    node,
    close: (drainMs = 0) => stopServer(server, () => node.stop(drainMs)),
  };
};
