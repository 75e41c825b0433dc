/**
 * What is painted on a row: bars of time, messages, how a connection ended, and the ring round what is selected. The row's middle is at 0.
 */
import type { Look } from './look.ts';
import type { Pen } from './pen.ts';
import type { Item } from './row.ts';

/** A stretch of time, by its look. */
export const bar = ({ context, theme }: Pen, look: Look, from: number, width: number): void => {
  const { height, pattern } = look;
  const top = -height / 2;
  const isThin = width < 5;
  context.fillStyle = isThin ? theme.colour(look.colour) : theme.fill(look);
  // A bar far wider than the canvas is cut to it: a pattern over millions of pixels takes long.
  const left = Math.max(from, -10);
  const room = Math.min(from + width, 10_000) - left;
  context.fillRect(left, top, room, height);
  if (pattern === 'plain' || isThin) return;
  context.strokeStyle = theme.colour(look.colour);
  context.lineWidth = 1;
  context.strokeRect(left + 0.5, top + 0.5, room - 1, height - 1);
};

/** A message: a small triangle that points at the lane. */
export const mark = ({ context, theme }: Pen, x: number, y: number, isChosen: boolean): void => {
  const size = isChosen ? 6 : 3.5;
  context.beginPath();
  context.moveTo(x - size, y - size);
  context.lineTo(x + size, y - size);
  context.lineTo(x, y + size);
  context.closePath();
  context.fillStyle = theme.colour('message');
  context.fill();
  if (!isChosen) return;
  context.strokeStyle = theme.colour('focus');
  context.lineWidth = 2;
  context.stroke();
};

/** What a connection is in where the scrubber stands. */
export const dot = ({ context, theme }: Pen, x: number): void => {
  context.beginPath();
  context.arc(x + 0.75, 0, 5, 0, 2 * Math.PI);
  context.fillStyle = theme.colour('scrub');
  context.fill();
  context.strokeStyle = theme.colour('ground');
  context.lineWidth = 2;
  context.stroke();
};

/** How it ended: a cross for what was cut off, dots for what goes on unseen, an arrow for what is still held. */
export const ended = (pen: Pen, item: Item, x: number): void => {
  const how = item.type === 'span' ? item.connection.end : 'lost';
  if (how === 'lost') cross(pen, x, 'refused');
  else if (how === 'gap') dots(pen, x);
  else if (how === 'held') arrow(pen, x);
  else if (item.type === 'span' && item.span.event === 'HANGUP') cross(pen, x, 'ink');
};

export const ring = ({ context, theme }: Pen, from: number, to: number, height: number): void => {
  const left = Math.max(from - 4, -10);
  const right = Math.min(Math.max(to, from + 1.5) + 4, 10_000);
  const half = Math.max(height / 2 + 4, 10);
  context.strokeStyle = theme.colour('focus');
  context.lineWidth = 2;
  context.beginPath();
  context.roundRect(left, -half, right - left, half * 2, 4);
  context.stroke();
};

export const cross = ({ context, theme }: Pen, x: number, colour: string): void => {
  context.strokeStyle = theme.colour(colour);
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(x - 4, -4);
  context.lineTo(x + 4, 4);
  context.moveTo(x - 4, 4);
  context.lineTo(x + 4, -4);
  context.stroke();
};

const dots = ({ context, theme }: Pen, x: number): void => {
  context.fillStyle = theme.colour('refused');
  for (const shift of [3, 7, 11]) context.fillRect(x + shift, -1, 2, 2);
};

export const arrow = ({ context, theme }: Pen, x: number): void => {
  context.fillStyle = theme.colour('parked');
  context.beginPath();
  context.moveTo(x, -8);
  context.lineTo(x + 9, 0);
  context.lineTo(x, 8);
  context.fill();
};
