/**
 * Paints lanes and nodes: those that are in sight and no others.
 */
import type { Instant } from '../replay/picture.ts';
import { spanAt } from './count.ts';
import { LOOKS, lookOf } from './look.ts';
import { type Model, ROW_HEIGHT, selected, TITLES_WIDTH } from './model.ts';
import type { Sheet } from './pen.ts';
import { type Item, itemAt, type Row } from './row.ts';
import { bar, dot, ended, mark, ring } from './sign.ts';
import { atOf, xOf } from './view.ts';

/** Paints the rows that are in sight when the first `top` pixels are not. */
export const paintRows = (sheet: Sheet, model: Model, top: number): void => {
  const { context, theme, width, height } = sheet;
  context.fillStyle = theme.colour('ground');
  context.fillRect(0, 0, width, height);
  const first = Math.floor(top / ROW_HEIGHT);
  const last = Math.ceil((top + height) / ROW_HEIGHT);
  for (let index = first; index < last; index += 1) {
    const row = model.shown[index + 1];
    if (row !== undefined) paintRow(sheet, model, row, index * ROW_HEIGHT - top);
  }
  paintInstant(sheet, model, height);
  context.fillStyle = theme.colour('line');
  context.fillRect(TITLES_WIDTH - 1, 0, 1, height);
};

/** The line of the scrubber. */
export const paintInstant = (
  { context, theme }: Sheet,
  { view, instant }: Model,
  height: number,
): void => {
  const x = TITLES_WIDTH + xOf(view, instant);
  if (x < TITLES_WIDTH) return;
  context.fillStyle = theme.colour('scrub');
  context.fillRect(Math.round(x), 0, 1.5, height);
};

const paintRow = (sheet: Sheet, model: Model, row: Row, top: number): void => {
  const { context, theme, width } = sheet;
  if (row === model.selection?.row) {
    context.fillStyle = theme.colour('chosen');
    context.fillRect(0, top, width, ROW_HEIGHT);
  }
  context.fillStyle = theme.colour('line');
  context.fillRect(0, top + ROW_HEIGHT - 1, width, row.type === 'node' ? 1.5 : 0.5);
  paintTitle(sheet, model, row, top);
  context.save();
  context.beginPath();
  context.rect(TITLES_WIDTH, top, width - TITLES_WIDTH, ROW_HEIGHT);
  context.clip();
  context.translate(TITLES_WIDTH, top + ROW_HEIGHT / 2);
  paintItems(sheet, model, row);
  if (spanAt(row, model.instant) !== undefined) dot(sheet, xOf(model.view, model.instant));
  paintMarks(sheet, model, row);
  context.restore();
};

const paintTitle = (sheet: Sheet, model: Model, row: Row, top: number): void => {
  const { context, theme } = sheet;
  const span = spanAt(row, model.instant);
  const state = span === undefined ? '' : (span.span.state.split('.').at(-1) ?? '');
  context.textBaseline = 'middle';
  context.font = `11px ${theme.font}`;
  context.fillStyle = theme.colour('muted');
  const room = TITLES_WIDTH - 24;
  context.textAlign = 'right';
  context.fillText(state, TITLES_WIDTH - 12, top + 12);
  const taken = state === '' ? 0 : context.measureText(state).width + 12;
  context.textAlign = 'left';
  context.fillText(shortened(context, row.detail, room), 12, top + 26);
  context.font = `600 13px ${theme.font}`;
  context.fillStyle = theme.colour('ink');
  context.fillText(shortened(context, row.title, room - taken), 12, top + 12);
};

/** As much of a text as there is room for, found by halving. */
const shortened = (context: CanvasRenderingContext2D, text: string, room: number): string => {
  if (context.measureText(text).width <= room) return text;
  let low = 0;
  let high = Math.min(text.length, 100);
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (context.measureText(`${text.slice(0, middle)}…`).width <= room) low = middle;
    else high = middle - 1;
  }
  return `${text.slice(0, low)}…`;
};

/** Bars of time, above them the answers, which are what one looks for, and signs above all. */
const paintItems = (sheet: Sheet, model: Model, row: Row): void => {
  const items = itemsInSight(model, row);
  const chosen = selected(model);
  paintBars(sheet, model, items);
  const answers = items.filter(isAnswer);
  for (const answer of answers) paintItem(sheet, model, answer);
  for (const answer of answers) {
    if (lookOf(answer) === LOOKS.answered) paintItem(sheet, model, answer);
  }
  paintEnds(sheet, model, items);
  if (chosen === undefined || row !== model.selection?.row) return;
  ring(sheet, xOf(model.view, chosen.from), xOf(model.view, chosen.to), lookOf(chosen).height);
};

const itemsInSight = ({ view }: Model, { type, items }: Row): ReadonlyArray<Item> => {
  // What is on a node's row overlaps, and is little.
  if (type !== 'lane') return items;
  return items.slice(itemAt(items, view.from), itemAt(items, view.to) + 1);
};

const isAnswer = (item: Item): boolean => item.type === 'span' && item.span.state === 'responding';

/** Of bars that are closer together than can be seen, the first. */
const paintBars = (sheet: Sheet, model: Model, items: ReadonlyArray<Item>): void => {
  let painted = Number.NEGATIVE_INFINITY;
  for (const item of items) {
    const end = xOf(model.view, item.to);
    if (isAnswer(item) || (end < painted + 0.5 && item.type === 'span')) continue;
    paintItem(sheet, model, item);
    painted = end;
  }
};

const paintEnds = (sheet: Sheet, { view }: Model, items: ReadonlyArray<Item>): void => {
  let signed = Number.NEGATIVE_INFINITY;
  for (const item of items) {
    const end = xOf(view, item.to);
    if (!isLast(item) || end < signed + 6) continue;
    ended(sheet, item, end);
    signed = end;
  }
};

const paintItem = (sheet: Sheet, { view }: Model, item: Item): void => {
  const look = lookOf(item);
  const from = xOf(view, item.from);
  const width = Math.max(xOf(view, item.to) - from, 1.5);
  if (item.type !== 'span' || item.span.state !== 'closed') bar(sheet, look, from, width);
};

const isLast = (item: Item): boolean => {
  if (item.type === 'span') return item.index === item.connection.spans.length - 1;
  return item.type === 'node' && item.node.isLost && item.to === item.node.to;
};

/** The messages on a lane's channels, one for each few pixels, and the selected one above all. */
const paintMarks = (sheet: Sheet, model: Model, { lane }: Row): void => {
  if (lane === undefined) return;
  const { view, messages } = model;
  const margin = (view.to - view.from) / 100;
  const chosen = selected(model);
  const painted = new Set<number>();
  const at = (x: number): Instant => atOf(view, x);
  for (const one of messages.on(lane, at(0) - margin, at(view.width) + margin)) {
    const x = xOf(view, one.at);
    const isChosen = chosen?.type === 'message' && chosen.mark === one;
    if (!isChosen && painted.has(Math.round(x / 6))) continue;
    painted.add(Math.round(x / 6));
    mark(sheet, x, -ROW_HEIGHT / 2 + 5, isChosen);
  }
};
