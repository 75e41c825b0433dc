/**
 * The keyboard.
 */
import { rowAt } from './hit.ts';
import { ROW_HEIGHT, selected } from './model.ts';
import type { Page } from './page.ts';
import { moveOf, select } from './select.ts';
import { whole, zoomed } from './view.ts';

const CLOSER = 1.6;

export const listenToKeys = (page: Page): void => {
  const { plot } = page.stage;
  const { filter, panel, instant } = page.fields;
  plot.tabIndex = 0;
  plot.addEventListener('keydown', (event) => {
    if (isShortcut(event)) onPlot(page, event);
  });
  panel.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') plot.focus();
  });
  filter.addEventListener('input', () => page.filter(filter.value));
  filter.addEventListener('keydown', ({ key }) => {
    if (key === 'Enter') plot.focus();
    if (key !== 'Escape') return;
    filter.value = '';
    page.filter('');
    plot.focus();
  });
  instant.addEventListener('input', () => page.scrub(Number(instant.value)));
  instant.addEventListener('keydown', (event) => onScrubber(page, event));
  document.addEventListener('keydown', (event) => {
    if (!isShortcut(event) || event.target === filter) return;
    if (event.key === '/') filter.focus();
    else if (!zoomBy(page, event.key)) return;
    event.preventDefault();
  });
};

const zoom = (page: Page, factor: number): void => {
  const { view } = page.model;
  const item = selected(page.model);
  const middle = (view.from + view.to) / 2;
  const chosen = item === undefined ? middle : (item.from + item.to) / 2;
  const isSeen = chosen > view.from && chosen < view.to;
  page.see(zoomed(view, factor, isSeen ? chosen : middle));
};

export const zoomIn = (page: Page): void => zoom(page, CLOSER);
export const zoomOut = (page: Page): void => zoom(page, 1 / CLOSER);
export const zoomOff = (page: Page): void => {
  const { limits, width } = page.model.view;
  page.see(whole(limits, width));
};

/** Not what the browser has for itself, but the ends of all rows. */
const isShortcut = ({ ctrlKey, metaKey, altKey, key }: KeyboardEvent): boolean =>
  !altKey && !metaKey && (!ctrlKey || key === 'Home' || key === 'End');

const zoomBy = (page: Page, key: string): boolean => {
  const zooms: Readonly<Record<string, (page: Page) => void>> = {
    '+': zoomIn,
    '=': zoomIn,
    '-': zoomOut,
    '−': zoomOut,
    '0': zoomOff,
  };
  zooms[key]?.(page);
  return key in zooms;
};

const onPlot = (page: Page, event: KeyboardEvent): void => {
  const { model, stage, fields } = page;
  const move = moveOf(event.key, event.ctrlKey);
  if (move !== undefined) {
    event.preventDefault();
    const begin = rowAt(model, stage.plot.scrollTop + ROW_HEIGHT / 2);
    page.select(select(model, move, begin));
  } else if (event.key === 'Enter' && model.selection !== undefined) {
    event.preventDefault();
    fields.panel.focus();
  } else if (event.key === 'Escape') page.select(undefined);
};

/** A step of the slider would be a millisecond of hours, so its keys go by what is seen; with Shift, by the millisecond. */
const onScrubber = (page: Page, event: KeyboardEvent): void => {
  const { view, instant } = page.model;
  const seen = view.to - view.from;
  const step = event.shiftKey ? 1 : Math.max(Math.round(seen / 200), 1);
  const ways: Readonly<Record<string, number>> = {
    ArrowLeft: -step,
    ArrowDown: -step,
    ArrowRight: step,
    ArrowUp: step,
    PageDown: -seen / 10,
    PageUp: seen / 10,
  };
  const way = ways[event.key];
  if (way === undefined) return;
  event.preventDefault();
  page.scrub(instant + way);
};
