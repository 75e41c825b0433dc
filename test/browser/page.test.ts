/**
 * The page of a replay: what is drawn, in light and in dark, with what a hostile message holds, and with much.
 */
import { describe, expect, test } from 'vitest';
import {
  BEGIN,
  busyPicture,
  laneOf,
  MINUTE,
  smallPicture,
  USER_7,
  USER_8,
  USER_9,
} from '../support/pictures.ts';
import { contrast, textsOn } from './contrast.ts';
import { clickAt, type Opened, painted, usePages } from './opened.ts';

const open = usePages();

describe('what is drawn', () => {
  test.each([
    ['a parked span', 2, USER_7, 'parked'],
    ['an answer that brings a message', 4 + 1 / 60, USER_7, 'answered'],
    ['nothing between two polls', 4.3, USER_7, 'ground'],
    ['an answer that brings none, hollow', 5.05, USER_8, 'ground'],
    ['nothing after the last poll', 8, USER_8, 'ground'],
    ['a poll that was lost with its node', 4, USER_9, 'parked'],
    ['nothing until the client came back', 6.1, USER_9, 'ground'],
    ['a poll that is held at the end', 9, USER_9, 'parked'],
    ['a node that serves', 3, 0, 'node'],
    ['nothing of a node that was lost', 8, 1, 'ground'],
  ])('%s', async (_, minutes, row, name) => {
    const { colourAt, placeOf, colour } = await open();
    const place = await placeOf(BEGIN + minutes * MINUTE, row);
    expect(await colourAt(place)).toBe(await colour(name));
  });

  test('an answer that took a millisecond, though polls are close on both of its sides', async () => {
    const small = smallPicture();
    const { colourAt, placeOf, colour } = await open({ ...small, lanes: [laneOf(0)] });
    const spans = laneOf(0).connections[0]?.spans ?? [];
    const { x, y } = await placeOf(spans[2]?.from ?? 0, USER_7);
    const around = [-2, -1, 0, 1, 2].map((shift) => colourAt({ x: x + shift, y: y - 9 }));
    const ground = await colour('ground');
    expect((await Promise.all(around)).filter((pixel) => pixel !== ground)).not.toEqual([]);
  });

  test('says what there is, and what is missing', async () => {
    const { read } = await open();
    const summary = await read('#summary');
    expect(summary).toBe(
      '2026-11-20 12:00:00.000 UTC, 10 min 0 s · 6 connections · 2 messages · 12 records missing · 3 records without a beginning · 1 unreadable',
    );
    expect(await read('#shown')).toBe('4 lanes');
  });

  test('an empty picture says that it is one', async () => {
    const { page, read } = await open({
      ...smallPicture(),
      ...{ to: BEGIN, nodes: [], lanes: [], answers: [], messages: [] },
    });
    expect(await read('#nothing')).toBe('No connection is in this picture.');
    for (const key of ['ArrowDown', 'ArrowRight', 'End', 'Enter', '+']) {
      await page.locator('#plot').press(key);
    }
  });
});

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  test('every text can be read, and every shape can be seen', async () => {
    const at = await open();
    await at.page.emulateMedia({ colorScheme });
    await clickAt(at, 4 + 1 / 60, USER_7);
    const ground = await at.colour('ground');
    expect(contrast(ground, '#ffffff') < 2).toBe(colorScheme === 'light');
    const texts = await textsOn(at.page);
    expect(texts.length).toBeGreaterThan(60);
    for (const { text, colour, behind } of texts) {
      expect(contrast(colour, behind), `${text}: ${colour} on ${behind}`).toBeGreaterThan(4.5);
    }
    for (const name of ['ink', 'muted']) {
      for (const behind of ['ground', 'chosen', 'stripe']) {
        const [one, other] = [await at.colour(name), await at.colour(behind)];
        expect(contrast(one, other), `${name} on ${behind}`).toBeGreaterThan(4.5);
      }
    }
    const shapes = ['idle', 'node', 'reading', 'parked', 'answered', 'empty', 'refused'];
    for (const name of [...shapes, 'message', 'scrub', 'focus', 'border']) {
      expect(contrast(await at.colour(name), ground), name).toBeGreaterThan(3);
    }
  });

  test('the lanes are painted in its colours', async () => {
    const at = await open();
    await at.page.emulateMedia({ colorScheme });
    await painted(at.page);
    const place = await at.placeOf(BEGIN + 2 * MINUTE, USER_7);
    expect(await at.colourAt(place)).toBe(await at.colour('parked'));
  });
});

test('a message that is made to break out does nothing', async () => {
  const { page } = await open();
  expect(await page.evaluate('document.scripts.length')).toBe(2);
  expect(await page.locator('img').count()).toBe(0);
});

test('no network can be reached', async () => {
  const { page, troubles } = await open();
  const reach = () => fetch('data:,x').then(String, () => 'refused');
  expect(await page.evaluate(reach)).toBe('refused');
  expect(troubles.splice(0).join()).toMatch(/Content Security Policy/);
});

test('ten thousand connections open, scroll and answer', async () => {
  const timings: Array<string> = [];
  const timed = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    const begin = performance.now();
    await work();
    timings.push(`${what} ${Math.round(performance.now() - begin)} ms`);
  };
  let at: Opened | undefined;
  await timed('written, opened and painted', async () => {
    at = await open(busyPicture());
  });
  if (at === undefined) throw new Error('it did not open');
  const { page, read } = at;
  const shownRow = () => page.locator('#plot').evaluate((plot) => Math.round(plot.scrollTop / 36));
  expect(await read('#summary')).toMatch(/10000 connections/);
  await timed('scrolled', async () => {
    await page.locator('#plot').evaluate((plot) => plot.scrollTo(0, plot.scrollHeight));
    await painted(page);
  });
  expect(await shownRow()).toBeGreaterThan(1900);
  await timed('last lane selected', async () => {
    await page.locator('#plot').press('ArrowDown');
    await page.locator('#plot').press('Control+End');
    await painted(page);
  });
  expect(await read('#live')).toMatch(/user 1999/);
  await timed('scrubbed', async () => {
    await page.locator('#instant').fill(String(BEGIN + 10 * MINUTE));
    await painted(page);
  });
  const counts = await read('#counts');
  expect(Number(/(\d+) open/.exec(counts)?.[1])).toBeGreaterThan(400);
  await timed('filtered', async () => {
    await page.locator('#filter').fill('r2-7777');
    await painted(page);
  });
  expect(await read('#shown')).toMatch(/^\d+ of 2000 lanes$/);
  await timed('zoomed', async () => {
    await page.locator('#plot').focus();
    for (let times = 0; times < 10; times += 1) await page.keyboard.press('+');
    await painted(page);
  });
  process.stdout.write(`10,000 connections: ${timings.join(', ')}\n`);
});
