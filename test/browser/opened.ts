/**
 * A picture's page, opened from a file in a browser that has a profile of its own and no network. What it asks for, and what
 * goes wrong in it, is kept.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterEach, beforeAll, expect } from 'vitest';
import { pageOf, readPageParts } from '../../src/replay/page.ts';
import type { Picture } from '../../src/replay/picture.ts';
import { BEGIN, MINUTE, smallPicture } from '../support/pictures.ts';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** As the page has them. */
const TITLES_WIDTH = 260;
const ROW_HEIGHT = 36;

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Opened {
  readonly page: Page;
  readonly url: string;
  /** Every address that was asked for. */
  readonly requests: Array<string>;
  /** What was logged or thrown, and what was shown in a box. */
  readonly troubles: Array<string>;
  /** Where an instant is on a row, from the window's edge; 0 is the first node's row. */
  readonly placeOf: (at: number, row: number) => Promise<Place>;
  /** The colour of the lanes' canvas there. */
  readonly colourAt: (place: Place) => Promise<string>;
  /** What somebody reads there, lines as they are seen. */
  readonly read: (selector: string) => Promise<string>;
  /** A colour of the style sheet. */
  readonly colour: (name: string) => Promise<string>;
}

interface Browser {
  readonly open: (picture: Picture) => Promise<Opened>;
  readonly close: () => Promise<void>;
}

/** Answers with how to open a picture; a page on which anything went wrong, or which asked for anything else, fails its test. */
export const usePages = (): ((picture?: Picture) => Promise<Opened>) => {
  let browser: Browser;
  let opened: Opened | undefined;
  beforeAll(async () => {
    browser = await startBrowser();
    return () => browser.close();
  });
  afterEach(async () => {
    const last = opened;
    opened = undefined;
    await last?.page.close();
    expect(last?.troubles ?? []).toEqual([]);
    expect(last?.requests ?? []).toEqual(last === undefined ? [] : [last.url]);
  });
  return async (picture = smallPicture()) => {
    opened = await browser.open(picture);
    return opened;
  };
};

export const clickAt = async (
  { page, placeOf }: Opened,
  minutes: number,
  row: number,
): Promise<void> => {
  const { x, y } = await placeOf(BEGIN + minutes * MINUTE, row);
  await page.mouse.click(x, y);
};

const startBrowser = async (): Promise<Browser> => {
  const directory = await mkdtemp(join(tmpdir(), 'jetbus-page-'));
  const parts = await readPageParts(new URL('../../dist/page/', import.meta.url));
  const context = await chromium.launchPersistentContext(join(directory, 'profile'), {
    executablePath: process.env['JETBUS_TEST_CHROMIUM'] ?? 'chromium',
    args: FLAGS,
    viewport: { width: 1400, height: 800 },
  });
  let files = 0;
  return {
    open: async (picture) => {
      files += 1;
      const file = join(directory, `${files}.html`);
      await writeFile(file, pageOf(picture, parts));
      return openFile(context, pathToFileURL(file).href, picture);
    },
    close: async () => {
      await context.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
};

const openFile = async (
  context: BrowserContext,
  url: string,
  picture: Picture,
): Promise<Opened> => {
  const page = await context.newPage();
  const requests: Array<string> = [];
  const troubles: Array<string> = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => {
    // Of our own reading of pixels.
    if (!message.text().includes('willReadFrequently')) troubles.push(message.text());
  });
  page.on('pageerror', ({ message }) => troubles.push(message));
  page.on('dialog', async (dialog) => {
    troubles.push(dialog.message());
    await dialog.dismiss();
  });
  await page.goto(url);
  await painted(page);
  const lanes = page.locator('#lanes');
  return {
    page,
    url,
    requests,
    troubles,
    // biome-ignore lint/performance/useDomNodeTextContent: lines as they are seen are what is wanted
    read: (selector) => page.locator(selector).innerText(),
    placeOf: async (at, row) => {
      const box = await lanes.boundingBox();
      if (box === null) throw new Error('there is no canvas');
      const margin = Math.ceil((picture.to - picture.from) / 60);
      const share = (at - picture.from + margin) / (picture.to - picture.from + 2 * margin);
      const x = box.x + TITLES_WIDTH + share * (box.width - TITLES_WIDTH);
      return { x, y: box.y + (row + 0.5) * ROW_HEIGHT };
    },
    colourAt: (place) =>
      lanes.evaluate((canvas: HTMLCanvasElement, { x, y }) => {
        const { left, top } = canvas.getBoundingClientRect();
        const context = canvas.getContext('2d');
        const pixel = context?.getImageData(Math.round(x - left), Math.round(y - top), 1, 1);
        return `#${[...(pixel?.data ?? [])]
          .slice(0, 3)
          .map((part) => part.toString(16).padStart(2, '0'))
          .join('')}`;
      }, place),
    colour: (name) =>
      page.evaluate(
        (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim(),
        name,
      ),
  };
};

/** Once what was asked for before has been painted. */
export const painted = (page: Page): Promise<void> =>
  page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
      }),
  );
