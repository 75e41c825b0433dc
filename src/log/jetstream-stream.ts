/**
 * The stream that is the log: how Jetbus makes it, and what it reads from the server's word about it. Pure.
 */
import type { StreamConfig, StreamInfo } from '@nats-io/jetstream';
import type { Epoch } from '../bus/names.ts';
import { DUPLICATE_WINDOW_MS, type Head } from './log.ts';

export interface StreamSettings {
  readonly stream: string;
  readonly subjectPrefix: string;
  readonly historyMs: number;
  readonly replicas: number;
}

const NANOS = 1_000_000;

type Wanted = Pick<StreamConfig, 'name' | 'subjects'> & Partial<StreamConfig>;

/** The stream as Jetbus makes it when it is missing. */
export const streamConfig = (settings: StreamSettings): Wanted => ({
  name: settings.stream,
  subjects: [streamSubject(settings)],
  retention: 'limits',
  storage: 'file',
  discard: 'old',
  max_age: settings.historyMs * NANOS,
  max_msgs: -1,
  max_bytes: -1,
  max_msgs_per_subject: -1,
  duplicate_window: Math.min(DUPLICATE_WINDOW_MS, settings.historyMs) * NANOS,
  allow_direct: true,
  num_replicas: settings.replicas,
});

/** Every channel of every database. */
export const streamSubject = ({ subjectPrefix }: Pick<StreamSettings, 'subjectPrefix'>): string =>
  `${subjectPrefix}.*.*`;

/** What differs between the stream as it should be and as it was found, a setting each. */
export const differences = (wanted: Wanted, found: StreamConfig): ReadonlyArray<string> =>
  Object.entries(wanted).flatMap(([key, value]) => {
    const is = JSON.stringify(found[key as keyof StreamConfig]);
    const should = JSON.stringify(value);
    return is === should ? [] : [`${key} is ${is}, not ${should}`];
  });

/** The life of a stream: when it was made, to the nanosecond. */
export const epochOf = ({ created }: Pick<StreamInfo, 'created'>): Epoch => {
  const [, seconds = '', fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(created) ?? [];
  const nanos = BigInt(Date.parse(`${seconds}Z`)) * BigInt(NANOS);
  return (nanos + BigInt(fraction.padEnd(9, '0').slice(0, 9))).toString(36);
};

export const headOf = (info: StreamInfo): Head => ({
  epoch: epochOf(info),
  first: info.state.messages === 0 ? info.state.last_seq + 1 : info.state.first_seq,
  last: info.state.last_seq,
});
