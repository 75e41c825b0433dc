/**
 * What the page knows at a moment: the one place that changes. Whoever changes it asks for a new painting.
 */
import type { Instant, Picture } from '../replay/picture.ts';
import type { Messages } from './message.ts';
import type { Item, Row } from './row.ts';
import type { View } from './view.ts';

export interface Model {
  readonly picture: Picture;
  readonly messages: Messages;
  readonly rows: ReadonlyArray<Row>;
  /** Those that the filter leaves; the first is the messages'. */
  shown: ReadonlyArray<Row>;
  view: View;
  /** Where the scrubber stands. */
  instant: Instant;
  selection: Selection | undefined;
}

export interface Selection {
  readonly row: Row;
  /** Which of the row's items. */
  readonly index: number;
  /** Where to look for an item above or below. */
  readonly at: Instant;
}

export const selected = ({ selection }: Model): Item | undefined =>
  selection?.row.items[selection.index];

export const ROW_HEIGHT = 36;
/** Of the column of titles; the style sheet has the same. */
export const TITLES_WIDTH = 260;
