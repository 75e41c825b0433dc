/**
 * Begins: finds the page's places, reads the picture that is embedded in it, and puts the one into the others.
 */
import type { Picture } from '../replay/picture.ts';
import { listenToKeys, zoomIn, zoomOff, zoomOut } from './keys.ts';
import { fillLegend } from './legend.ts';
import { Page } from './page.ts';
import { listenToPointer } from './pointer.ts';
import { dateOf, durationOf, timeOf } from './time.ts';

const find = <E extends Element>(selector: string): E => {
  const element = document.querySelector<E>(selector);
  if (element === null) throw new Error(`the page has no ${selector}`);
  return element;
};

const summaryOf = ({ from, to, lanes, messages, missing }: Picture): string => {
  const connections = lanes.reduce((sum, lane) => sum + lane.connections.length, 0);
  const parts = [
    `${dateOf(from)} ${timeOf(from)} UTC, ${durationOf(to - from)}`,
    `${connections} connections`,
    `${messages.length} messages`,
  ];
  if (missing.records > 0) parts.push(`${missing.records} records missing`);
  if (missing.orphans > 0) parts.push(`${missing.orphans} records without a beginning`);
  if (missing.unreadable > 0) parts.push(`${missing.unreadable} unreadable`);
  return parts.join(' · ');
};

const picture = JSON.parse(find('#picture').textContent ?? '') as Picture;
const page = new Page(
  picture,
  {
    axis: find('#axis canvas'),
    lanes: find('#lanes'),
    overview: find('#overview canvas'),
    plot: find('#plot'),
    sheet: find('#sheet'),
    slider: find('#instant'),
  },
  {
    facts: find('#facts'),
    panel: find('#panel'),
    live: find('#live'),
    filter: find('#filter'),
    shown: find('#shown'),
    nothing: find('#nothing'),
    instant: find('#instant'),
    counts: find('#counts'),
  },
);
find('#summary').textContent = summaryOf(picture);
fillLegend(find('#legend'));
listenToKeys(page);
listenToPointer(page);
find('#zoom-in').addEventListener('click', () => zoomIn(page));
find('#zoom-out').addEventListener('click', () => zoomOut(page));
find('#zoom-fit').addEventListener('click', () => zoomOff(page));
