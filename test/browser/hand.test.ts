/**
 * The page of a replay by the hand: clicks, drags, the wheel, the keyboard alone, the scrubber and the filter.
 */
import { describe, expect, test } from 'vitest';
import { BEGIN, HOSTILE, MINUTE, NOBODY, USER_7, USER_8, USER_9 } from '../support/pictures.ts';
import { clickAt, type Opened, type Place, painted, usePages } from './opened.ts';

const open = usePages();

const factsOf = ({ read }: Opened): Promise<string> => read('#facts');

describe('a click', () => {
  test('on a span shows its event, its state and the answer', async () => {
    const at = await open();
    await clickAt(at, 4 + 1 / 60, USER_7);
    const facts = await factsOf(at);
    for (const fact of [
      /^Responding\n/,
      /Event\s+ARRIVED/,
      /State\s+responding/,
      /From\s+2026-11-20 12:04:00\.000/,
      /To\s+2026-11-20 12:04:02\.000/,
      /For\s+2\.000 s/,
      /Place\s+exact, after 41/,
      /Answer\s+message 42, 214 bytes/,
      /SHA-256\s+c{64}/,
      /Connection\s+r1-1/,
      /User\s+7/,
      /Channels\s+client:ada-desk\s+stock\s+user:7/,
      /Last message\s+mwu7cdmo4cfd6982-41-9f3a1c07/,
      /\{"type":"stock","title":"Stock is low"\}/,
    ]) {
      expect(facts).toMatch(fact);
    }
  });

  test.each([
    ['an error', 3.1, NOBODY, /Error\s+Unauthorized/],
    ['a poll that was answered with nothing', 3, USER_8, /Answer\s+no message, 31 bytes/],
    ['a poll without an answer', 5.5, USER_7, /Answer\s+none/],
    ['a poll that was lost', 3, USER_9, /End\s+lost with its node/],
    ['a poll that is held', 9, USER_9, /End\s+still held/],
    ['a gap', 7.5, 0, /Missing\s+12 records/],
    ['a node', 3, 1, /Lost\s+heard of last at 12:06/],
  ])('on %s tells of it', async (_, minutes, row, fact) => {
    const at = await open();
    await clickAt(at, minutes, row);
    expect(await factsOf(at)).toMatch(fact);
  });

  test('on a step of a connection selects it', async () => {
    const at = await open();
    await clickAt(at, 2, USER_7);
    await at.page.getByRole('button', { name: 'WRITTEN → Closed' }).click();
    expect(await factsOf(at)).toMatch(/^Closed\n+Event\s+WRITTEN/);
  });

  test('on a message of a lane shows its text, which is never markup', async () => {
    const at = await open();
    const { x, y } = await at.placeOf(BEGIN + 8.5 * MINUTE, USER_9);
    await at.page.mouse.click(x, y - 14);
    expect(await at.read('#facts pre')).toBe(HOSTILE);
    expect(await at.page.locator('img').count()).toBe(0);
  });

  test('on nothing lets go', async () => {
    const at = await open();
    await clickAt(at, 2, USER_7);
    await clickAt(at, 4.3, USER_7);
    expect(await factsOf(at)).toBe('');
  });
});

describe('the keyboard', () => {
  const press = async ({ page, read }: Opened, ...keys: ReadonlyArray<string>): Promise<string> => {
    for (const key of keys) await page.keyboard.press(key);
    return read('#live');
  };

  test('goes along a lane and across lanes, and every step is read out', async () => {
    const at = await open();
    await clickAt(at, 2, USER_7);
    expect(await press(at, 'ArrowRight')).toBe(
      'Responding, after ARRIVED, at 12:04:00.000, for 2.000 s. Answer: message 42, 214 bytes. Connection r1-1, user 7, span 3 of 4.',
    );
    expect(await press(at, 'ArrowRight')).toMatch(/^Closed, after WRITTEN/);
    expect(await press(at, 'Home')).toMatch(/^Reading, after ADMITTED.*r1-1/);
    expect(await press(at, 'End')).toMatch(/^Closed, after HANGUP.*r1-3/);
    expect(await press(at, 'ArrowDown')).toMatch(/user 8/);
    expect(await press(at, 'ArrowUp', 'ArrowUp', 'ArrowUp')).toMatch(/^Node r1/);
    expect(await press(at, 'ArrowUp')).toMatch(/^Message 42 on stock/);
    expect(await press(at, 'Control+End')).toMatch(/user nobody/);
    expect(await press(at, 'Escape')).toBe('Nothing is selected.');
  });

  test('is enough: to the timeline by Tab, to the panel by Enter, and back', async () => {
    const { page } = await open();
    const focused = () => page.evaluate(() => document.activeElement?.id);
    await page.locator('#zoom-fit').focus();
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('plot');
    const outline = await page
      .locator('#plot')
      .evaluate((plot) => getComputedStyle(plot).outlineStyle);
    expect(outline).toBe('solid');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('panel');
    await page.keyboard.press('Escape');
    expect(await focused()).toBe('plot');
    await page.keyboard.press('/');
    expect(await focused()).toBe('filter');
  });

  test('zooms around what is selected, and shows all again', async () => {
    const at = await open();
    await clickAt(at, 4 + 1 / 60, USER_7);
    const middle = await at.placeOf(BEGIN + 5 * MINUTE, USER_7);
    expect(await at.colourAt(middle)).toBe(await at.colour('parked'));
    await press(at, ...Array.from({ length: 8 }, () => '+'));
    await painted(at.page);
    expect(await at.colourAt(middle)).toBe(await at.colour('chosen'));
    const node = await at.placeOf(BEGIN + 5 * MINUTE, 0);
    expect(await at.colourAt(node)).toBe(await at.colour('node'));
    await press(at, '0');
    await painted(at.page);
    expect(await at.colourAt(middle)).toBe(await at.colour('parked'));
  });
});

describe('the pointer', () => {
  const drag = async ({ page }: Opened, from: Place, to: Place): Promise<void> => {
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(to.x, to.y, { steps: 4 });
    await page.mouse.up();
    await painted(page);
  };

  test('zooms by a drag along the axis, and moves by one on the lanes', async () => {
    const at = await open();
    const axis = await at.placeOf(BEGIN, -1);
    const [from, to] = [
      await at.placeOf(BEGIN + 4.1 * MINUTE, USER_7),
      await at.placeOf(BEGIN + 4.4 * MINUTE, USER_7),
    ];
    await drag(at, { x: from.x, y: axis.y }, { x: to.x, y: axis.y });
    expect(await at.colourAt(from)).toBe(await at.colour('ground'));
    expect(await at.colourAt(await at.placeOf(BEGIN + 8 * MINUTE, USER_7))).toBe(
      await at.colour('ground'),
    );
    const aside = { x: from.x + 600, y: from.y };
    await drag(at, from, aside);
    expect(await at.colourAt(from)).toBe(await at.colour('parked'));
    expect(await at.read('#facts')).toBe('');
  });

  test('zooms by the wheel with Ctrl, where it points', async () => {
    const at = await open();
    const place = await at.placeOf(BEGIN + 4.3 * MINUTE, USER_7);
    const parked = await at.placeOf(BEGIN + 3.5 * MINUTE, USER_7);
    await at.page.mouse.move(place.x, place.y);
    await at.page.keyboard.down('Control');
    await at.page.mouse.wheel(0, -900);
    await at.page.keyboard.up('Control');
    await painted(at.page);
    expect(await at.colourAt(parked)).toBe(await at.colour('ground'));
    expect(await at.colourAt(place)).toBe(await at.colour('ground'));
  });
});

describe('the scrubber', () => {
  const countsAt = async ({ page, read }: Opened, minutes: number): Promise<string> => {
    await page.locator('#instant').fill(String(BEGIN + minutes * MINUTE));
    return read('#counts');
  };

  test('counts the connections by state at an instant', async () => {
    const at = await open();
    expect(await countsAt(at, 3.1)).toBe(
      '2026-11-20 12:03:06.000\n4 open: 0 idle, 0 reading, 3 parked, 1 responding',
    );
    expect(await countsAt(at, 4.55)).toMatch(/3 open: 0 idle, 1 reading, 2 parked, 0 responding/);
    expect(await countsAt(at, 9)).toMatch(/1 open: .* 1 parked/);
  });

  test('marks what each lane is in', async () => {
    const at = await open();
    await countsAt(at, 2);
    await painted(at.page);
    const place = await at.placeOf(BEGIN + 2 * MINUTE, USER_7);
    expect(await at.colourAt(place)).toBe(await at.colour('scrub'));
  });

  test('goes by the millisecond with Shift', async () => {
    const at = await open();
    await countsAt(at, 2);
    await at.page.locator('#instant').press('Shift+ArrowRight');
    const instant = at.page.locator('#instant');
    expect(await instant.inputValue()).toBe(String(BEGIN + 2 * MINUTE + 1));
    expect(await instant.getAttribute('aria-valuetext')).toMatch(/^12:02:00\.001, 3 open/);
  });
});

describe('the filter', () => {
  test.each([
    ['user 8', '1 of 4 lanes'],
    ['STOCK', '2 of 4 lanes'],
    ['r1-4', '1 of 4 lanes'],
    ['nowhere', '0 of 4 lanes'],
    ['', '4 lanes'],
  ])('“%s” leaves %s', async (text, shown) => {
    const { page, read } = await open();
    await page.locator('#filter').fill(text);
    expect(await read('#shown')).toBe(shown);
    expect(await page.locator('#nothing').isVisible()).toBe(text === 'nowhere');
  });

  test('counts what it leaves, and Escape ends it', async () => {
    const { page, read } = await open();
    await page.locator('#instant').fill(String(BEGIN + 3 * MINUTE + 6000));
    await page.keyboard.press('/');
    await page.keyboard.type('user 8');
    expect(await read('#counts')).toMatch(/1 open/);
    await page.keyboard.press('Escape');
    expect(await read('#counts')).toMatch(/4 open/);
  });
});
