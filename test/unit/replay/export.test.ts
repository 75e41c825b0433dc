/**
 * An export: as much of the log as its records need, nothing that was not asked for, and what diverged in the whole.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnswerRecord } from '../../../src/journal/record.ts';
import { HEARTBEAT_MS } from '../../../src/journal/record.ts';
import { flushed, pollOf, recordedBus } from '../../support/bus-fixture.ts';
import { exported, recordIn, WHOLE } from '../../support/journal.ts';
import { database } from '../../support/logs.ts';
import { acts, recordingOf } from '../../support/recording.ts';
import { answerOf, isConnectionRecord, recordsOf, textsOf } from '../../support/records.ts';
import { span, spanIn, verifyHistory } from '../../support/spans.ts';
import { flipped } from '../../support/tampering.ts';

test('an export reaches back to what a poll named, also below the window of its node', async () => {
  const bus = await recordedBus();
  await bus.publish('b', {});
  bus.clock.advance(7 * HEARTBEAT_MS);
  const from = bus.clock.now();
  const { answers } = await pollOf(bus.node, ['b'], bus.oldId);
  expect(answers).toHaveLength(1);
  const recording = { texts: await flushed(bus), log: bus.reader };
  expect(await verifyHistory(await exported(recording, { from }))).toMatchObject({
    positions: { verified: 1, ...WHOLE },
    answers: { verified: 1, ...WHOLE },
  });
});

describe('an export of one database', () => {
  test('names no other database, nor a channel, a user or a message of it', async () => {
    await fc.assert(
      fc.asyncProperty(acts, fc.boolean(), async (happens, isRedacted) => {
        const recording = await recordingOf(happens);
        const options = { database: database('db'), isRedacted };
        const text = (await exported(recording, options)).join('\n');
        for (const body of recording.bodies.get('other') ?? []) expect(text).not.toContain(body);
        for (const foreign of ['other', 'client:eve', 'user:703', '"703"']) {
          expect(text).not.toContain(foreign);
        }
        for (const body of recording.bodies.get('db') ?? []) {
          if (isRedacted) expect(text).not.toContain(body);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('has the messages of its own', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    await bus.publish('a', { body: 'what it says' });
    const recording = { texts: await flushed(bus), log: bus.reader };
    const text = (await exported(recording, { database: database('db') })).join('\n');
    expect(text).toContain('what it says');
  });
});

/** A record’s answer, otherwise. */
const OTHERWISE = {
  sha256: ({ sha256 }: AnswerRecord) => ({ sha256: flipped(sha256) }),
  length: ({ length }: AnswerRecord) => ({ length: length + 1 }),
  sequence: ({ sequence }: AnswerRecord) => ({ sequence: sequence === null ? 1 : null }),
};

describe('a redacted export', () => {
  test('verifies as the whole did, and holds no message', async () => {
    await fc.assert(
      fc.asyncProperty(acts, span, async (happens, share) => {
        const recording = await recordingOf(happens);
        const chosen = spanIn(recording.texts, share);
        const lines = await exported(recording, { ...chosen, isRedacted: true });
        const outcome = await verifyHistory(lines);
        expect(recordIn(outcome)).toBeUndefined();
        expect(outcome).toMatchObject({ positions: WHOLE, answers: WHOLE });
        const text = lines.join('\n');
        for (const body of [...recording.bodies.values()].flat()) expect(text).not.toContain(body);
      }),
      { numRuns: 60 },
    );
  });

  test.each(['sha256', 'length', 'sequence'] as const)(
    'still diverges where the %s of an answer did',
    async (what) => {
      await fc.assert(
        fc.asyncProperty(acts, fc.nat(99), async (happens, which) => {
          const recording = await recordingOf(happens);
          const records = recordsOf(recording.texts);
          const answers = records.filter((record) => isConnectionRecord(record) && record.answer);
          fc.pre(answers.length > 0);
          const wrong = answers[which % answers.length];
          if (wrong === undefined) return;
          const answer = { ...answerOf(wrong), ...OTHERWISE[what](answerOf(wrong)) };
          const texts = textsOf(records.with(records.indexOf(wrong), { ...wrong, answer }));
          const redacted = await exported({ ...recording, texts }, { isRedacted: true });
          const { run, n } = wrong;
          expect(recordIn(await verifyHistory(redacted))).toMatchObject({ run, n });
        }),
        { numRuns: 60 },
      );
    },
  );

  test('says how long a message was, and on which channel', async () => {
    const bus = await recordedBus();
    await pollOf(bus.node, ['a']);
    await bus.publish('a', { body: 'x'.repeat(100) });
    const recording = { texts: await flushed(bus), log: bus.reader };
    const lines = await exported(recording, { isRedacted: true });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ jetbus: 'history', redacted: true });
    expect(lines.map((line) => JSON.parse(line).entry)).toContainEqual(
      expect.objectContaining({ channel: 'a', message: '{"redacted":109}' }),
    );
  });
});
