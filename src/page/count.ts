/**
 * How many connections were in which state.
 */
import type { Instant } from '../replay/picture.ts';
import { itemAt, type Row, type SpanItem } from './row.ts';

/** In which order states are told. */
export const STATES = ['idle', 'waiting.reading', 'waiting.parked', 'responding'];

/** The span that a lane's connection is in at an instant. A connection that closed is in none. */
export const spanAt = ({ type, items }: Row, at: Instant): SpanItem | undefined => {
  if (type !== 'lane') return undefined;
  const item = items[itemAt(items, at)];
  const isOn = item?.type === 'span' && item.from <= at && at < item.to;
  return isOn && item.span.state !== 'closed' ? item : undefined;
};

/** By state, at one instant. */
export const countAt = (rows: ReadonlyArray<Row>, at: Instant): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>(STATES.map((state) => [state, 0]));
  for (const row of rows) {
    const state = spanAt(row, at)?.span.state;
    if (state !== undefined) counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return counts;
};

/** How many were open in each of `columns` equal stretches, at its beginning or during it. */
export const openIn = (
  rows: ReadonlyArray<Row>,
  { from, to }: { readonly from: Instant; readonly to: Instant },
  columns: number,
): ReadonlyArray<number> => {
  const changes = new Array<number>(columns + 1).fill(0);
  const columnOf = (at: Instant): number =>
    Math.min(Math.max(Math.floor(((at - from) / (to - from)) * columns), 0), columns - 1);
  const change = (column: number, by: number): void => {
    changes[column] = (changes[column] ?? 0) + by;
  };
  for (const { spans, to: end } of rows.flatMap(({ lane }) => lane?.connections ?? [])) {
    change(columnOf(spans[0]?.from ?? end), 1);
    change(columnOf(end) + 1, -1);
  }
  let open = 0;
  return changes.slice(0, columns).map((by) => {
    open += by;
    return open;
  });
};
