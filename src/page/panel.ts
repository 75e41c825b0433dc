/**
 * The panel beside the timeline. Messages come from anybody, so whatever is shown is text and never markup.
 */
import { type Fact, factsOf, stateInWords, titleOf } from './describe.ts';
import { lookOf } from './look.ts';
import { type Model, type Selection, selected } from './model.ts';
import type { Item, SpanItem } from './row.ts';
import { durationOf, timeOf } from './time.ts';

/** Fills the panel with what is selected; `select` is called with a step of the connection that is clicked. */
export const fillPanel = (
  panel: HTMLElement,
  model: Model,
  select: (selection: Selection) => void,
): void => {
  const item = selected(model);
  panel.replaceChildren();
  if (item === undefined) return;
  const heading = make('h2', '');
  heading.append(swatch(lookOf(item).colour), titleOf(item));
  const parts = [heading, list(factsOf(model, item)), ...messageOf(model, item)];
  if (item.type === 'span') parts.push(...stepsOf(model, item, select));
  panel.append(...parts);
};

export const make = (name: string, text: string, className = ''): HTMLElement => {
  const element = document.createElement(name);
  element.textContent = text;
  if (className !== '') element.className = className;
  return element;
};

const swatch = (colour: string): HTMLElement => {
  const element = make('span', '', 'swatch');
  element.style.background = `var(--${colour})`;
  return element;
};

const list = (facts: ReadonlyArray<Fact>): HTMLElement => {
  const dl = document.createElement('dl');
  for (const [term, ...values] of facts) {
    dl.append(make('dt', term), ...values.map((value) => make('dd', value)));
  }
  return dl;
};

const messageOf = ({ messages }: Model, item: Item): ReadonlyArray<HTMLElement> => {
  if (item.type === 'message') return [make('pre', item.mark.text)];
  const answer = item.type === 'span' ? messages.answerOf(item.connection) : undefined;
  const mark = answer === undefined ? undefined : messages.of(answer);
  if (mark === undefined) return [];
  const title = `Message ${mark.sequence} on ${mark.channel}, at ${timeOf(mark.at)}`;
  return [make('h3', title), make('pre', mark.text)];
};

const stepsOf = (
  { selection }: Model,
  { connection }: SpanItem,
  select: (selection: Selection) => void,
): ReadonlyArray<HTMLElement> => {
  const steps = document.createElement('ol');
  const row = selection?.row;
  row?.items.forEach((item, index) => {
    if (item.type !== 'span' || item.connection !== connection) return;
    const button = document.createElement('button');
    button.type = 'button';
    const long = item.to > item.from ? durationOf(item.to - item.from) : '';
    button.append(
      make('span', timeOf(item.from), 'when'),
      make('span', `${item.span.event ?? 'opened'} → ${stateInWords(item.span.state)}`),
      make('span', long, 'long'),
    );
    if (index === selection?.index) button.setAttribute('aria-current', 'step');
    button.addEventListener('click', () => select({ row, index, at: (item.from + item.to) / 2 }));
    const step = document.createElement('li');
    step.append(button);
    steps.append(step);
  });
  return [make('h3', 'Step by step'), steps];
};
