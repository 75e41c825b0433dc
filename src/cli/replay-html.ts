/**
 * `jetbus replay --html`: writes a page that shows what connections saw.
 */
import { writeFile } from 'node:fs/promises';
import type { Entry } from '../bus/entry.ts';
import { Database } from '../bus/names.ts';
import { E } from '../fp.ts';
import type { Line } from '../journal/line.ts';
import { ask, storedAfter } from '../log/ask.ts';
import type { Log } from '../log/log.ts';
import { addMessage, draw, emptyDrawing, finish as finishDrawing } from '../replay/draw.ts';
import { emptyFold, finish, take } from '../replay/fold.ts';
import { pageOf, readPageParts } from '../replay/page.ts';
import type { Picture } from '../replay/picture.ts';
import type { Drawing } from '../replay/sketch.ts';
import { isSelected, type Selection } from './select.ts';
import { writeWhole } from './write-whole.ts';

export const writePage = async (
  path: string,
  log: Log,
  lines: AsyncIterable<Line>,
  database: string | undefined,
  selection: Selection,
  stopBar: () => void,
): Promise<void> => {
  const picture = await pictureOf(log, lines, database, selection);
  const page = pageOf(picture, await readPageParts());
  await writeWhole(path, (part) => writeFile(part, page));
  stopBar();
  const connections = picture.lanes.reduce((sum, lane) => sum + lane.connections.length, 0);
  process.stdout.write(
    `${path}: ${connections} connections, ${picture.messages.length} messages\n`,
  );
};

const pictureOf = async (
  log: Log,
  lines: AsyncIterable<Line>,
  database: string | undefined,
  selection: Selection,
): Promise<Picture> => {
  const { from, to } = selection;
  const channels = new Set<string>();
  const drawing = emptyDrawing({
    from,
    to,
    isDrawn: (connection) => {
      const isDrawn = isSelected(connection, database, selection);
      if (isDrawn) for (const channel of connection.opening.channels) channels.add(channel);
      return isDrawn;
    },
  });
  const fold = emptyFold();
  for await (const line of lines) {
    for (const happening of take(fold, line)) draw(drawing, happening);
  }
  for (const happening of finish(fold, log.now())) draw(drawing, happening);
  const isNarrow = [selection.user, selection.client, selection.connection].some(Boolean);
  await addMessages(drawing, log, (entry) => {
    return isOf(entry, database) && (!isNarrow || channels.has(entry.channel));
  });
  return finishDrawing(drawing, fold.newest);
};

/** Puts messages in; the drawing keeps those of its span. */
const addMessages = async (
  drawing: Drawing,
  log: Log,
  isShown: (entry: Entry) => boolean,
): Promise<void> => {
  const { epoch } = await ask(log.head);
  const { from = 0, to = Number.POSITIVE_INFINITY } = drawing.frame;
  const before = await ask(log.before(from));
  for await (const stored of storedAfter(log, before)) {
    if (E.toUnion(stored).instant > to) return;
    if (E.isRight(stored) && isShown(stored.right)) addMessage(drawing, stored.right, epoch);
  }
};

/** Whether an entry is of the database, if one is given; one that only holds another's place is of none. */
const isOf = (entry: Entry, database: string | undefined): boolean =>
  database === undefined ? Database.is(entry.database) : entry.database === database;
