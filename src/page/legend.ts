/**
 * The legend: each look, painted as on the timeline.
 */
import { LOOKS, type Look, themeOf } from './look.ts';
import { make } from './panel.ts';
import type { Pen } from './pen.ts';
import { arrow, bar, cross, mark } from './sign.ts';

const WIDTH = 24;
const HEIGHT = 20;

const SHOWN: ReadonlyArray<Look> = [
  LOOKS.reading,
  LOOKS.parked,
  LOOKS.answered,
  LOOKS.empty,
  LOOKS.refused,
  LOOKS.serving,
  LOOKS.gap,
];

/** Fills the list, and paints it anew when the scheme changes. */
export const fillLegend = (list: HTMLElement): void => {
  const paintings = [
    ...SHOWN.map((look) => entry(list, look.words, (pen) => bar(pen, look, 2, WIDTH - 4))),
    entry(list, 'life of the log', (pen) => bar(pen, LOOKS.life, WIDTH / 2, 1.5)),
    entry(list, 'message', (pen) => mark(pen, WIDTH / 2, 0, false)),
    entry(list, 'hung up', (pen) => cross(pen, WIDTH / 2, 'ink')),
    entry(list, 'held', (pen) => arrow(pen, WIDTH / 2 - 4)),
    entry(list, 'lost', (pen) => cross(pen, WIDTH / 2, 'refused')),
  ];
  const paint = (): void => {
    for (const one of paintings) one();
  };
  paint();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint);
};

const entry = (list: HTMLElement, words: string, paint: (pen: Pen) => void): (() => void) => {
  const canvas = document.createElement('canvas');
  const item = document.createElement('li');
  const ratio = devicePixelRatio;
  canvas.width = WIDTH * ratio;
  canvas.height = HEIGHT * ratio;
  canvas.setAttribute('aria-hidden', 'true');
  item.append(canvas, make('span', words));
  list.append(item);
  const context = canvas.getContext('2d');
  return () => {
    if (context === null) return;
    context.setTransform(ratio, 0, 0, ratio, 0, (HEIGHT / 2) * ratio);
    context.clearRect(0, -HEIGHT / 2, WIDTH, HEIGHT);
    paint({ context, theme: themeOf(context) });
  };
};
