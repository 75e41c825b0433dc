/**
 * Bus nodes on JetStream for tests, and a client that polls them in process as Tryton's would over HTTP.
 */
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { trust } from '../../src/auth/trust.ts';
import type { Resume } from '../../src/bus/resume.ts';
import { type Node, startNode } from '../../src/hub/node.ts';
import { silentLogger, systemClock, systemNewId, systemRandom } from '../../src/library/system.ts';
import { jetstreamLog } from '../../src/log/jetstream.ts';
import type { Log } from '../../src/log/log.ts';
import type { NatsServer } from './nats-server.ts';

export interface LogOptions {
  readonly servers: ReadonlyArray<NatsServer>;
  readonly stream?: string;
  readonly replicas?: number;
}

const HOUR_MS = 3_600_000;

export const logOn = ({ servers, stream = 'TEST', replicas = 1 }: LogOptions): Log =>
  jetstreamLog({
    servers: servers.map(({ url }) => url.replace('nats://', '')),
    stream,
    subjectPrefix: 'bus',
    historyMs: HOUR_MS,
    replicas,
    create: true,
    clock: systemClock,
    newId: systemNewId,
    logger: silentLogger,
  });

export const nodeOn = (options: LogOptions, longPollingTimeoutMs = 60_000): Node =>
  startNode({
    log: logOn(options),
    sessions: trust,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    settings: {
      longPollingTimeoutMs,
      longPollingJitter: 0,
      cacheTimeoutMs: 60_000,
      allowSubscribe: true,
    },
  });

/** Done when a node has caught up. */
export const isLive = ({ status }: Node): boolean => status().tail.state === 'live';

export interface Polled {
  readonly message: { readonly message_id: string; readonly n?: number } | null;
  readonly resume: Resume | undefined;
}

const SESSION = `Session ${Buffer.from('test:1:key').toString('base64')}`;

/** One poll, to its answer. */
export const pollOnce = (
  { hub }: Node,
  channels: ReadonlyArray<string>,
  lastMessage: string | null = null,
): Promise<Polled> =>
  new Promise((resolve, reject) => {
    const body = Buffer.from(JSON.stringify({ channels, last_message: lastMessage }));
    const connection = hub.open({ database: 'db', authorization: SESSION, body }, (answer) => {
      queueMicrotask(() => hub.written(connection));
      if (answer._tag === 'Refused') return reject(new Error(JSON.stringify(answer.error)));
      const { resume } = answer;
      if (answer._tag === 'Nothing') return resolve({ message: null, resume });
      return resolve({ ...JSON.parse(Buffer.from(answer.body).toString()), resume });
    });
  });

/** Polls on, one node after the other, until so many messages have come; answers with their numbers. */
export const collect = async (
  nodes: ReadonlyArray<Node>,
  channels: ReadonlyArray<string>,
  count: number,
): Promise<ReadonlyArray<number>> => {
  const numbers: Array<number> = [];
  let last: string | null = null;
  for (let turn = 0; numbers.length < count; turn += 1) {
    const node = nodes[turn % nodes.length];
    if (node === undefined) throw new Error('no node');
    const { message }: Polled = await pollOnce(node, channels, last);
    if (message === null) continue;
    last = message.message_id;
    numbers.push(message.n ?? -1);
  }
  return numbers;
};

/** The servers' own API, to do to a stream what an operator would. */
export const operator = async (
  servers: ReadonlyArray<NatsServer>,
): Promise<{ readonly nc: NatsConnection; readonly manager: JetStreamManager }> => {
  const nc = await connect({ servers: servers.map(({ url }) => url), maxReconnectAttempts: -1 });
  return { nc, manager: await jetstreamManager(nc, { checkAPI: false, timeout: 10_000 }) };
};
