/**
 * The log on NATS JetStream, for `createBus`: `jetbus/jetstream`.
 */
import { DEFAULT_HISTORY_MS, DEFAULT_STREAM, DEFAULT_SUBJECT_PREFIX } from './library/defaults.ts';
import { silentLogger, systemClock, systemNewId } from './library/system.ts';
import * as jetstream from './log/jetstream.ts';
import type { Log } from './log/log.ts';
import type { Logger } from './ports.ts';

export interface JetStreamLogOptions {
  /** `host:port` of some servers of one cluster. */
  readonly servers: ReadonlyArray<string>;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** The name of the stream, which is made when it is missing; `JETBUS` if not given. */
  readonly stream?: string;
  /** The first part of every subject; `bus` if not given. */
  readonly subjectPrefix?: string;
  /** How long entries are kept, in milliseconds; a day if not given. */
  readonly historyMs?: number;
  /** 1 or 3, when the stream is made; 1 if not given. */
  readonly replicas?: number;
  /** Whether a stream that is missing is made; so if not given. */
  readonly create?: boolean;
  readonly logger?: Logger;
}

/** A log on JetStream. It connects by itself, for as long as that takes. */
export const jetstreamLog = ({
  stream = DEFAULT_STREAM,
  subjectPrefix = DEFAULT_SUBJECT_PREFIX,
  historyMs = DEFAULT_HISTORY_MS,
  replicas = 1,
  create = true,
  logger = silentLogger,
  ...rest
}: JetStreamLogOptions): Log =>
  jetstream.jetstreamLog({
    ...rest,
    stream,
    subjectPrefix,
    historyMs,
    replicas,
    create,
    logger,
    clock: systemClock,
    newId: systemNewId,
  });
