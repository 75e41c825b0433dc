/**
 * The page: what can be done with it, each by one function, whichever of the keys, the pointer and the fields asks for it.
 */
import type { Instant, Picture } from '../replay/picture.ts';
import { countAt, STATES } from './count.ts';
import { sentenceOf, stateInWords } from './describe.ts';
import { messagesOf } from './message.ts';
import { type Model, ROW_HEIGHT, type Selection, selected } from './model.ts';
import { fillPanel, make } from './panel.ts';
import { filtered, rowsOf } from './row.ts';
import { paintOn, type Stage } from './stage.ts';
import { dateOf, timeOf } from './time.ts';
import { aired, bringing, type View, whole } from './view.ts';

export interface Fields {
  readonly facts: HTMLElement;
  readonly panel: HTMLElement;
  readonly live: HTMLElement;
  readonly filter: HTMLInputElement;
  readonly shown: HTMLElement;
  readonly nothing: HTMLElement;
  readonly instant: HTMLInputElement;
  readonly counts: HTMLElement;
}

export class Page {
  readonly model: Model;
  readonly stage: Stage;
  readonly fields: Fields;
  readonly #repaint: () => void;

  constructor(picture: Picture, stage: Stage, fields: Fields) {
    const rows = rowsOf(picture);
    const view = whole(aired(picture), 0);
    this.stage = stage;
    this.fields = fields;
    this.model = {
      picture,
      messages: messagesOf(picture),
      rows,
      shown: rows,
      view,
      instant: picture.from,
      selection: undefined,
    };
    this.#repaint = paintOn(stage, this.model);
    fields.instant.min = String(view.limits.from);
    fields.instant.max = String(view.limits.to);
    this.filter('');
  }

  see(view: View): void {
    this.model.view = view;
    this.#repaint();
  }

  /** Selects, brings it into sight and says what it is; nothing lets go. */
  select(selection: Selection | undefined): void {
    const { model, fields } = this;
    model.selection = selection;
    const item = selected(model);
    if (selection !== undefined && item !== undefined) {
      model.view = bringing(model.view, item.from, item.to);
      this.#scrollTo(model.shown.indexOf(selection.row) - 1);
    }
    fillPanel(fields.facts, model, (step) => this.select(step));
    fields.panel.scrollTop = 0;
    fields.live.textContent = item === undefined ? 'Nothing is selected.' : sentenceOf(model, item);
    this.#repaint();
  }

  filter(text: string): void {
    const { model, fields } = this;
    model.shown = filtered(model.rows, text);
    const count = model.shown.filter(({ type }) => type === 'lane').length;
    const all = model.picture.lanes.length;
    fields.shown.textContent =
      count === all ? `${all} ${all === 1 ? 'lane' : 'lanes'}` : `${count} of ${all} lanes`;
    fields.nothing.hidden = count > 0;
    fields.nothing.textContent =
      all === 0 ? 'No connection is in this picture.' : `No lane has “${text}”.`;
    if (model.selection !== undefined && !model.shown.includes(model.selection.row)) {
      this.select(undefined);
    }
    this.scrub(model.instant);
  }

  /** Sets the scrubber, and tells how many connections were in which state then. */
  scrub(at: Instant): void {
    const { model, fields } = this;
    const { from, to } = model.view.limits;
    const instant = Math.round(Math.min(Math.max(at, from), to));
    model.instant = instant;
    const counts = countAt(model.shown, instant);
    const open = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const states = STATES.map(
      (state) => `${counts.get(state)} ${stateInWords(state).toLowerCase()}`,
    );
    const text = `${open} open: ${states.join(', ')}`;
    fields.counts.replaceChildren(make('strong', `${dateOf(instant)} ${timeOf(instant)}`), text);
    fields.instant.value = String(instant);
    fields.instant.setAttribute('aria-valuetext', `${timeOf(instant)}, ${text}`);
    this.#repaint();
  }

  #scrollTo(index: number): void {
    const { plot, sheet } = this.stage;
    if (index < 0) return;
    // The sheet may have grown since it was painted last, and nothing scrolls beyond its end.
    sheet.style.height = `${(this.model.shown.length - 1) * ROW_HEIGHT}px`;
    const top = index * ROW_HEIGHT;
    if (top < plot.scrollTop) plot.scrollTop = top;
    else if (top + ROW_HEIGHT > plot.scrollTop + plot.clientHeight) {
      plot.scrollTop = top + ROW_HEIGHT - plot.clientHeight;
    }
  }
}
