/**
 * Paints the head of the timeline: the instants, and below them every message; and the overview beside the scrubber, which
 * shows all of the time, how many connections were open, and which stretch is seen.
 */
import { openIn } from './count.ts';
import { type Model, selected, TITLES_WIDTH } from './model.ts';
import { paintInstant } from './paint.ts';
import type { Sheet } from './pen.ts';
import type { Row } from './row.ts';
import { mark } from './sign.ts';
import { dateOf, ticksOf } from './time.ts';
import { whole, xOf } from './view.ts';

const TICK_WIDTH = 110;

export const paintAxis = (sheet: Sheet, model: Model): void => {
  const { context, theme, width, height } = sheet;
  const { view } = model;
  context.fillStyle = theme.colour('ground');
  context.fillRect(0, 0, width, height);
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  context.font = `11px ${theme.font}`;
  context.fillStyle = theme.colour('muted');
  context.fillText(`${dateOf(view.from)}, UTC`, 12, 14);
  context.font = `600 13px ${theme.font}`;
  context.fillStyle = theme.colour('ink');
  context.fillText('Messages', 12, height - 16);
  context.save();
  context.beginPath();
  context.rect(TITLES_WIDTH, 0, width - TITLES_WIDTH, height);
  context.clip();
  paintTicks(sheet, model);
  paintInstant(sheet, model, height);
  context.translate(TITLES_WIDTH, height - 14);
  paintMessages(sheet, model);
  context.restore();
  context.fillStyle = theme.colour('line');
  context.fillRect(0, height - 1, width, 1);
  context.fillRect(TITLES_WIDTH - 1, 0, 1, height);
};

const paintTicks = ({ context, theme, width, height }: Sheet, { view }: Model): void => {
  const count = Math.max(Math.floor(view.width / TICK_WIDTH), 2);
  context.font = `11px ${theme.font}`;
  for (const { at, text } of ticksOf(view.from, view.to, count)) {
    const x = Math.round(TITLES_WIDTH + xOf(view, at));
    context.fillStyle = theme.colour('line');
    context.fillRect(x, 4, 1, height - 4);
    context.fillStyle = theme.colour('muted');
    if (x + 45 < width) context.fillText(text, x + 5, 14);
  }
};

const paintMessages = (sheet: Sheet, model: Model): void => {
  const { picture, view } = model;
  const chosen = selected(model);
  const painted = new Set<number>();
  for (const one of picture.messages) {
    const x = xOf(view, one.at);
    if (x < -8 || x > view.width + 8 || painted.has(Math.round(x / 2))) continue;
    painted.add(Math.round(x / 2));
    mark(sheet, x, 0, false);
  }
  if (chosen?.type === 'message') mark(sheet, xOf(view, chosen.from), 0, true);
};

/** Paints how many connections were open over all of the time. `open` remembers what was counted last. */
export const paintOverview = (sheet: Sheet, model: Model, open: Overview): void => {
  const { context, theme, width, height } = sheet;
  const { view } = model;
  context.fillStyle = theme.colour('stripe');
  context.fillRect(0, 0, width, height);
  const counts = open(model.shown, Math.max(Math.floor(width), 1), model);
  const most = Math.max(...counts, 1);
  context.fillStyle = theme.colour('parked');
  counts.forEach((count, x) => {
    const share = (count / most) * (height - 6);
    context.fillRect(x, height - share, 1, share);
  });
  const all = whole(view.limits, width);
  const [left, right] = [xOf(all, view.from), xOf(all, view.to)];
  context.globalAlpha = 0.65;
  context.fillStyle = theme.colour('ground');
  context.fillRect(0, 0, left, height);
  context.fillRect(right, 0, width - right, height);
  context.globalAlpha = 1;
  context.strokeStyle = theme.colour('muted');
  context.lineWidth = 1;
  context.strokeRect(left + 0.5, 0.5, Math.max(right - left - 1, 2), height - 1);
  context.fillStyle = theme.colour('scrub');
  context.fillRect(xOf(all, model.instant) - 0.75, 0, 1.5, height);
};

export type Overview = (
  rows: ReadonlyArray<Row>,
  columns: number,
  model: Model,
) => ReadonlyArray<number>;

/** Counts anew when other rows are shown or the width is another, and not for each painting. */
export const overview = (): Overview => {
  let last: { rows: ReadonlyArray<Row>; counts: ReadonlyArray<number> } | undefined;
  return (rows, columns, { view }) => {
    if (last?.rows !== rows || last.counts.length !== columns) {
      last = { rows, counts: openIn(rows, view.limits, columns) };
    }
    return last.counts;
  };
};
