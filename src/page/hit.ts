/**
 * What is under the pointer. Much of what matters takes no time at all and is a hair's breadth wide, so what is thin is found
 * from some pixels away, and before what is wide.
 */
import { lookOf } from './look.ts';
import { type Model, ROW_HEIGHT, type Selection } from './model.ts';
import { type Item, itemAt, type Row } from './row.ts';
import { atOf, type View, xOf } from './view.ts';

const REACH = 4;
const THIN = 6;
/** So many items within reach of a pixel are more than anybody can tell apart. */
const MOST = 200;
/** The upper part of a lane, where its messages are. */
const MARKS_HEIGHT = 10;

/** What is at a place of a row: `x` from the beginning of time, `y` from the row's top. */
export const hit = (model: Model, row: Row, x: number, y: number): Selection | undefined => {
  const at = atOf(model.view, x);
  const mark = y < MARKS_HEIGHT ? markAt(model, row, x) : undefined;
  if (mark !== undefined) return mark;
  const index = nearest(row, model.view, x);
  return index === undefined ? undefined : { row, index, at };
};

/** The row at a height of the sheet of rows. */
export const rowAt = ({ shown }: Model, y: number): Row | undefined =>
  shown[Math.floor(y / ROW_HEIGHT) + 1];

const markAt = (
  { view, messages, shown }: Model,
  { lane }: Row,
  x: number,
): Selection | undefined => {
  const [row] = shown;
  if (lane === undefined || row === undefined) return undefined;
  const near = messages.on(lane, atOf(view, x - REACH - 2), atOf(view, x + REACH + 2));
  const away = (at: number): number => Math.abs(xOf(view, at) - x);
  const mark = [...near].sort((one, other) => away(one.at) - away(other.at))[0];
  if (mark === undefined) return undefined;
  const index = row.items.findIndex((item) => item.type === 'message' && item.mark === mark);
  return { row, index, at: mark.at };
};

const nearest = ({ items }: Row, view: View, x: number): number | undefined => {
  let best: { readonly index: number; readonly rank: number } | undefined;
  const last = itemAt(items, atOf(view, x + REACH));
  for (let index = last; index >= 0 && last - index < MOST; index -= 1) {
    const item = items[index];
    const rank = item === undefined ? undefined : rankOf(item, view, x);
    if (rank !== undefined && (best === undefined || rank < best.rank)) best = { index, rank };
  }
  return best?.index;
};

/** The less the better; none where the item is out of reach. */
const rankOf = (item: Item, view: View, x: number): number | undefined => {
  const [from, to] = [xOf(view, item.from), xOf(view, item.to)];
  if (x < from - REACH || x > to + REACH) return undefined;
  // An answer is taller than what is beside it, so it is what one means to click.
  if (to - from <= THIN) return -lookOf(item).height;
  return x >= from && x <= to ? 0 : 1;
};
