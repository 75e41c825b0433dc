/**
 * What a node records whatever happens: every line a record, and nothing that is nobody’s business.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { session } from '../../support/http.ts';
import { recordedNode, storeAt } from '../../support/recorded-node.ts';
import { acts, CREDENTIALS, recordingOf } from '../../support/recording.ts';
import { digest, recordsOf, renumbered } from '../../support/records.ts';

describe('whatever happens', () => {
  test('every line is a record, and their numbers have no gap', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (happens) => {
        const records = recordsOf((await recordingOf(happens)).texts);
        expect(records).toEqual(renumbered(records));
      }),
      { numRuns: 60 },
    );
  });

  test('no session, no login and no body of a message is in any line', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (happens) => {
        const { texts, bodies } = await recordingOf(happens);
        const text = texts.join('\n');
        for (const secret of [...CREDENTIALS, ...[...bodies.values()].flat()]) {
          expect(text).not.toContain(secret);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a last message that is no id of ours is in no line, but its digest is', async () => {
    const node = await recordedNode(storeAt(0), 'one');
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ minLength: 6 }), fc.json()), async (junk) => {
        const before = (await node.lines()).length;
        await node.send({ channels: [], last_message: `junk ${junk}` }, session(1));
        const [opening] = recordsOf((await node.lines()).slice(before));
        expect(opening).toMatchObject({
          opening: { last_message: { sha256: digest(`junk ${junk}`) } },
        });
      }),
      { numRuns: 60 },
    );
    expect((await node.lines()).join()).not.toContain('junk');
  });

  test.each([
    { value: { secret: 1 }, text: '{"secret":1}' },
    { value: ['secret'], text: '["secret"]' },
    { value: 7, text: '7' },
    { value: true, text: 'true' },
  ])('a last message that is $text is known by the digest of that', async ({ value, text }) => {
    const node = await recordedNode(storeAt(0), 'one');
    await node.send({ channels: [], last_message: value }, session(1));
    const lines = await node.lines();
    expect(recordsOf(lines)).toContainEqual(
      expect.objectContaining({
        opening: expect.objectContaining({ last_message: { sha256: digest(text) } }),
      }),
    );
    expect(lines.join()).not.toContain('secret');
  });
});
