/**
 * Moves the selection by the keyboard: along a row, and from row to row at the same instant.
 */
import type { Model, Selection } from './model.ts';
import { itemAt, type Row } from './row.ts';

/** How far a key goes; the last two are to the ends of the row, or of all rows. */
export type Move =
  | { readonly along: number }
  | { readonly across: number }
  | { readonly end: 'first' | 'last' }
  | { readonly edge: 'first' | 'last' };

const MOVES: Readonly<Record<string, Move>> = {
  ArrowLeft: { along: -1 },
  ArrowRight: { along: 1 },
  ArrowUp: { across: -1 },
  ArrowDown: { across: 1 },
  PageUp: { across: -10 },
  PageDown: { across: 10 },
  Home: { end: 'first' },
  End: { end: 'last' },
};

export const moveOf = (key: string, isFar: boolean): Move | undefined => {
  const move = MOVES[key];
  return isFar && move !== undefined && 'end' in move ? { edge: move.end } : move;
};

/** The selection after a move; `row` is where to begin when there is none. */
export const select = (model: Model, move: Move, row: Row | undefined): Selection | undefined => {
  const { selection, shown, view } = model;
  if (selection === undefined || !shown.includes(selection.row)) {
    return row === undefined ? undefined : at(row, (view.from + view.to) / 2);
  }
  if ('across' in move) return across(shown, selection, move.across);
  if ('edge' in move)
    return across(shown, selection, move.edge === 'first' ? -shown.length : shown.length);
  const last = selection.row.items.length - 1;
  if ('end' in move) return along(selection.row, move.end === 'first' ? 0 : last);
  return along(selection.row, Math.min(Math.max(selection.index + move.along, 0), last));
};

/** The item of a row that is nearest to an instant. */
const at = (row: Row, instant: number): Selection => ({
  row,
  index: itemAt(row.items, instant),
  at: instant,
});

const along = (row: Row, index: number): Selection => {
  const item = row.items[index];
  return { row, index, at: item === undefined ? 0 : (item.from + item.to) / 2 };
};

/** A row that has nothing to select is passed over. */
const across = (rows: ReadonlyArray<Row>, selection: Selection, by: number): Selection => {
  const begin = rows.indexOf(selection.row);
  const target = Math.min(Math.max(begin + by, 0), rows.length - 1);
  const towards = by < 0 ? -1 : 1;
  for (let index = target; index >= 0 && index < rows.length; index += towards) {
    const row = rows[index];
    if (row !== undefined && row.items.length > 0) return at(row, selection.at);
  }
  return selection;
};
