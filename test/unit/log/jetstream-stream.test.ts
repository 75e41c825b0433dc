import type { StreamConfig, StreamInfo } from '@nats-io/jetstream';
import { describe, expect, test } from 'vitest';
import {
  differences,
  epochOf,
  headOf,
  streamConfig,
  streamSubject,
} from '../../../src/log/jetstream-stream.ts';

const SETTINGS = {
  stream: 'jetbus',
  subjectPrefix: 'bus',
  historyMs: 86_400_000,
  replicas: 3,
};

const found = (changes: Partial<StreamConfig>): StreamConfig =>
  ({ ...streamConfig(SETTINGS), sealed: false, max_consumers: -1, ...changes }) as StreamConfig;

describe('the stream as Jetbus makes it', () => {
  test('keeps everything on disk for the length of the history', () => {
    expect(streamConfig(SETTINGS)).toEqual({
      name: 'jetbus',
      subjects: ['bus.*.*'],
      retention: 'limits',
      storage: 'file',
      discard: 'old',
      max_age: 86_400_000_000_000,
      max_msgs: -1,
      max_bytes: -1,
      max_msgs_per_subject: -1,
      duplicate_window: 120_000_000_000,
      allow_direct: true,
      num_replicas: 3,
    });
  });

  test('remembers keys no longer than entries, as a server demands', () => {
    const { duplicate_window, max_age } = streamConfig({ ...SETTINGS, historyMs: 60_000 });
    expect([duplicate_window, max_age]).toEqual([60_000_000_000, 60_000_000_000]);
  });

  test('takes every channel of every database', () => {
    expect(streamSubject({ subjectPrefix: 'acme.bus' })).toEqual('acme.bus.*.*');
  });
});

describe('a stream that was found', () => {
  test('differs in nothing when it is as Jetbus makes it', () => {
    expect(differences(streamConfig(SETTINGS), found({}))).toEqual([]);
  });

  test('may have settings that Jetbus does not care for', () => {
    expect(differences(streamConfig(SETTINGS), found({ max_msg_size: 1024 }))).toEqual([]);
  });

  test('says each setting that differs, as it is and as it should be', () => {
    const other = found({ max_age: 1_000_000, num_replicas: 1, subjects: ['bus.>', 'x'] });
    expect(differences(streamConfig(SETTINGS), other)).toEqual([
      'subjects is ["bus.>","x"], not ["bus.*.*"]',
      'max_age is 1000000, not 86400000000000',
      'num_replicas is 1, not 3',
    ]);
  });

  test('says a setting that it does not have', () => {
    const { allow_direct: _, ...without } = found({});
    expect(differences(streamConfig(SETTINGS), without as StreamConfig)).toEqual([
      'allow_direct is undefined, not true',
    ]);
  });
});

describe('the life of a stream', () => {
  test.each([
    ['2026-11-24T03:00:00.123456789Z', 1_795_489_200_123_456_789n],
    ['2026-11-24T03:00:00.12Z', 1_795_489_200_120_000_000n],
    ['2026-11-24T03:00:00.000000001Z', 1_795_489_200_000_000_001n],
    ['2026-11-24T03:00:00Z', 1_795_489_200_000_000_000n],
  ])('is when it was made, to the nanosecond: %s', (created, nanos) => {
    expect(epochOf({ created })).toEqual(nanos.toString(36));
  });

  test('is fit for a message id', () => {
    expect(epochOf({ created: '2026-11-24T03:00:00.123456789Z' })).toMatch(/^[0-9a-z]{1,32}$/);
  });
});

describe('the head of a stream', () => {
  const created = '2026-11-24T03:00:00Z';
  const of = (messages: number, first_seq: number, last_seq: number) =>
    headOf({ created, state: { messages, first_seq, last_seq } } as StreamInfo);

  test('says the first sequence that is there, and the last that was given', () => {
    expect(of(3, 5, 9)).toEqual({ epoch: epochOf({ created }), first: 5, last: 9 });
  });

  test('of a new stream is before the first', () => {
    expect(of(0, 0, 0)).toMatchObject({ first: 1, last: 0 });
  });

  test('of a stream that lost all to age is where it will go on', () => {
    expect(of(0, 10, 9)).toMatchObject({ first: 10, last: 9 });
    expect(of(0, 0, 9)).toMatchObject({ first: 10, last: 9 });
  });
});
