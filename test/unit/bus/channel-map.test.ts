import { expect, test } from 'vitest';
import { ChannelMap } from '../../../src/bus/channel-map.ts';
import { channelOf, databaseOf } from '../../support/arbitrary.ts';

const [prod, dev] = [databaseOf('prod'), databaseOf('dev')];
const [x, y] = [channelOf('x'), channelOf('y')];

const filled = (): ChannelMap<number> => {
  const map = new ChannelMap<number>();
  map.set(prod, x, 1);
  map.set(prod, y, 2);
  map.set(dev, x, 3);
  return map;
};

const shown = (map: ChannelMap<number>) => [map.get(prod, x), map.get(prod, y), map.get(dev, x)];

test('the same channel of two databases is two channels', () => {
  expect(shown(filled())).toEqual([1, 2, 3]);
  expect(filled().get(dev, y)).toEqual(undefined);
});

test('what is set again is replaced', () => {
  const map = filled();
  map.set(prod, y, 4);
  expect(shown(map)).toEqual([1, 4, 3]);
});

test('what is deleted is gone, and nothing else', () => {
  const map = filled();
  map.delete(prod, x);
  map.delete(dev, y);
  expect(shown(map)).toEqual([undefined, 2, 3]);
  map.delete(prod, y);
  expect(shown(map)).toEqual([undefined, undefined, 3]);
});

test('what is cleared is empty', () => {
  const map = filled();
  map.clear();
  expect(shown(map)).toEqual([undefined, undefined, undefined]);
});
