/**
 * How each thing looks. Its colour is the style sheet's, for light and dark; its height and pattern tell the same without colour.
 */
import type { Item, SpanItem } from './row.ts';

type Pattern = 'plain' | 'hatched' | 'hollow';

export interface Look {
  /** The name of a colour in the style sheet. */
  readonly colour: string;
  readonly height: number;
  readonly pattern: Pattern;
  readonly words: string;
}

const look = (colour: string, height: number, pattern: Pattern, words: string): Look => ({
  colour,
  height,
  pattern,
  words,
});

export const LOOKS = {
  idle: look('idle', 4, 'plain', 'idle'),
  reading: look('reading', 14, 'hatched', 'reading'),
  parked: look('parked', 8, 'plain', 'parked'),
  answered: look('answered', 20, 'plain', 'responding: a message'),
  empty: look('empty', 20, 'hollow', 'responding: none'),
  refused: look('refused', 20, 'hatched', 'responding: an error'),
  closed: look('ink', 16, 'plain', 'closed'),
  starting: look('node', 8, 'hatched', 'starting'),
  serving: look('node', 6, 'plain', 'node'),
  draining: look('node', 8, 'hollow', 'draining'),
  stopped: look('ink', 14, 'plain', 'stopped'),
  gap: look('refused', 14, 'hatched', 'records missing'),
  life: look('message', 20, 'plain', 'another life of the log'),
  message: look('message', 8, 'plain', 'message'),
} as const satisfies Readonly<Record<string, Look>>;

export const lookOf = (item: Item): Look => {
  if (item.type === 'span') return spanLook(item);
  if (item.type !== 'node') return LOOKS[item.type];
  const looks: Readonly<Record<string, Look>> = LOOKS;
  return looks[item.what] ?? LOOKS.idle;
};

const spanLook = ({ span, answer }: SpanItem): Look => {
  switch (span.state) {
    case 'waiting.reading':
      return LOOKS.reading;
    case 'waiting.parked':
      return LOOKS.parked;
    case 'responding':
      if (span.error !== undefined) return LOOKS.refused;
      return typeof answer?.sequence === 'number' ? LOOKS.answered : LOOKS.empty;
    case 'closed':
      return LOOKS.closed;
    default:
      return LOOKS.idle;
  }
};

/** What the colours of the style sheet are at the moment. */
export interface Theme {
  readonly colour: (name: string) => string;
  /** What fills a shape of a look. */
  readonly fill: (look: Look) => string | CanvasPattern;
  readonly font: string;
}

/** Reads the style sheet; to be read again when the scheme changes. */
export const themeOf = (context: CanvasRenderingContext2D): Theme => {
  const style = getComputedStyle(document.documentElement);
  const colours = new Map<string, string>();
  const fills = new Map<Look, string | CanvasPattern>();
  const colour = (name: string): string => {
    const value = colours.get(name) ?? style.getPropertyValue(`--${name}`).trim();
    colours.set(name, value);
    return value;
  };
  const fill = (look: Look): string | CanvasPattern => {
    const value = fills.get(look) ?? fillOf(context, look, colour(look.colour), colour('ground'));
    fills.set(look, value);
    return value;
  };
  return { colour, fill, font: getComputedStyle(document.body).fontFamily };
};

const TILE = 6;

const fillOf = (
  context: CanvasRenderingContext2D,
  { pattern }: Look,
  colour: string,
  ground: string,
): string | CanvasPattern => {
  if (pattern === 'hollow') return ground;
  if (pattern === 'plain') return colour;
  const tile = document.createElement('canvas');
  tile.width = TILE;
  tile.height = TILE;
  const pen = tile.getContext('2d');
  if (pen === null) return colour;
  pen.fillStyle = ground;
  pen.fillRect(0, 0, TILE, TILE);
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.beginPath();
  for (const shift of [-TILE, 0, TILE]) {
    pen.moveTo(shift - 1, TILE + 1);
    pen.lineTo(shift + TILE + 1, -1);
  }
  pen.stroke();
  return context.createPattern(tile, 'repeat') ?? colour;
};
