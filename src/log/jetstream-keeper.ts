/**
 * Sees to it that the stream is there, and is told when it is not as it should be.
 */
import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { Clock, Logger } from '../ports.ts';
import { differences, type StreamSettings, streamConfig } from './jetstream-stream.ts';

export interface KeeperOptions extends StreamSettings {
  /** Whether a stream that is missing is made: by those who serve it, not by those who look. */
  readonly create: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long a stream has been missing before it is made anew. */
const MISSING_MS = 2000;

export class StreamKeeper {
  readonly #options: KeeperOptions;
  /** When the stream seen last was made. */
  #created: string | undefined;
  #missingSince: number | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** The stream's own word about itself, by its leader. */
  async info(manager: JetStreamManager): Promise<StreamInfo> {
    const { stream, logger } = this.#options;
    const info = await manager.streams.info(stream).catch((error) => {
      if (!isMissing(error)) throw error;
      if (!this.#mayMake()) throw new Error(`the stream ${stream} is missing: a node makes it`);
      logger.info({ stream }, 'the stream is missing, and is made');
      return manager.streams.add(streamConfig(this.#options));
    });
    this.#missingSince = undefined;
    if (this.#created !== info.created) this.#look(info);
    return info;
  }

  /** Tells of a stream that was not seen before, if it is not as it would have been made. */
  #look({ created, config }: StreamInfo): void {
    this.#created = created;
    const differ = differences(streamConfig(this.#options), config);
    if (differ.length === 0) return;
    const { stream, logger } = this.#options;
    logger.warn({ stream, differ }, 'the stream has other settings, and is used as it is');
  }

  /**
   * Whether a stream that is missing may be made now. One that was there a moment ago may be about to be restored, and its
   * files may still be on their way out: nats-server 2.9 deletes those of the new one with them.
   */
  #mayMake(): boolean {
    const { clock, create } = this.#options;
    this.#missingSince ??= this.#created === undefined ? Number.NEGATIVE_INFINITY : clock.elapsed();
    return create && clock.elapsed() - this.#missingSince >= MISSING_MS;
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
