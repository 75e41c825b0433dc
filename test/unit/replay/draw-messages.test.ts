/**
 * The messages of a picture: those of its time, by the ids and with the text that clients saw.
 */
import { describe, expect, test } from 'vitest';
import { decodeEntry } from '../../../src/bus/entry.ts';
import type { Channel, Database, Instant } from '../../../src/bus/names.ts';
import { E } from '../../../src/fp.ts';
import { addMessage, draw, emptyDrawing, finish } from '../../../src/replay/draw.ts';
import { emptyFold, take } from '../../../src/replay/fold.ts';
import { EPOCH, journal } from '../../support/drawing.ts';

describe('messages', () => {
  const entry = (sequence: number, instant: Instant, json: string) => {
    const names = ['shop' as Database, 'stock' as Channel] as const;
    const stored = decodeEntry(sequence, instant, ...names, Buffer.from(json));
    if (E.isLeft(stored)) throw new Error(stored.left.reason);
    return stored.right;
  };

  test('are where the log took them, by the id and with the text that clients saw', () => {
    const drawing = emptyDrawing({ from: 1000, to: 3000 });
    addMessage(drawing, entry(2, 2000, '{"type":"x"}'), EPOCH);
    addMessage(drawing, entry(1, 1500, '{"type":"y"}'), EPOCH);
    addMessage(drawing, entry(3, 4000, '{"type":"z"}'), EPOCH);
    const { messages } = finish(drawing, 3000);
    expect(messages.map(({ sequence }) => sequence)).toEqual([1, 2]);
    const id = messages[1]?.id;
    expect(id).toMatch(new RegExp(`^${EPOCH}-2-[0-9a-f]{8}$`));
    expect(messages[1]).toEqual({
      sequence: 2,
      at: 2000,
      database: 'shop',
      channel: 'stock',
      id,
      text: `{"type":"x","message_id":"${id}"}`,
    });
  });

  test('from before all that is drawn are left out', () => {
    const drawing = emptyDrawing();
    const fold = emptyFold();
    const to = journal();
    to.node(1500, 'serving');
    to.node(2500, 'stopped');
    for (const record of to.records) {
      for (const happening of take(fold, E.right(record))) draw(drawing, happening);
    }
    for (const at of [1000, 2000, 3000]) addMessage(drawing, entry(at, at, '{}'), EPOCH);
    expect(finish(drawing, 2500).messages.map(({ at }) => at)).toEqual([2000]);
  });

  test('are cut, and never within a character', () => {
    const drawing = emptyDrawing({ from: 0 });
    const title = '{"t":"'.length;
    addMessage(
      drawing,
      entry(1, 1000, `{"t":"${'x'.repeat(498 - title)}😀${'y'.repeat(99)}"}`),
      EPOCH,
    );
    const [message] = finish(drawing, 1000).messages;
    expect(message?.text).toHaveLength(500);
    expect(message?.text).toMatch(/x\ufffd?…$/u);
    expect(message?.text.isWellFormed()).toBe(true);
  });
});
