/**
 * How well a text can be told from what is behind it, as the WCAG measure it.
 */
import type { Page } from 'playwright-core';

export interface Text {
  readonly text: string;
  readonly colour: string;
  readonly behind: string;
}

/** Every text on the page that has one of its own, with its colour and that of the nearest ground. */
export const textsOn = (page: Page): Promise<ReadonlyArray<Text>> =>
  page.evaluate(() => {
    const groundOf = (element: Element | null): string => {
      if (element === null) return 'rgb(255, 255, 255)';
      const { backgroundColor } = getComputedStyle(element);
      return backgroundColor.startsWith('rgba') ? groundOf(element.parentElement) : backgroundColor;
    };
    return [...document.body.querySelectorAll(':not(script)')]
      .filter(({ childNodes }) => [...childNodes].some(({ nodeType }) => nodeType === 3))
      .filter((element) => element.textContent?.trim() !== '' && element.checkVisibility())
      .map((element) => ({
        text: element.textContent ?? '',
        colour: getComputedStyle(element).color,
        behind: groundOf(element),
      }));
  });

export const contrast = (one: string, other: string): number => {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};

const luminance = (colour: string): number => {
  const [red = 0, green = 0, blue = 0] = partsOf(colour).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

/** Of `rgb(1, 2, 3)` or `#010203`. */
const partsOf = (colour: string): ReadonlyArray<number> =>
  colour.startsWith('#')
    ? [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16))
    : [...colour.matchAll(/[\d.]+/g)].map(Number);
