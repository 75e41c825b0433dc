/**
 * A set that is its one member nearly always, against a set.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { added, each, type Few, removed } from '../../src/few.ts';

const ITEMS = [{ n: 0 }, { n: 1 }, { n: 2 }];

const change = fc.record({ add: fc.boolean(), item: fc.constantFrom(...ITEMS) });

test('has the members that a set has, in their order, and is undefined when there is none', () => {
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      let few: Few<(typeof ITEMS)[number]>;
      const set = new Set<(typeof ITEMS)[number]>();
      for (const { add, item } of changes) {
        few = add ? added(few, item) : removed(few, item);
        if (add) set.add(item);
        else set.delete(item);
        expect([...each(few)]).toEqual([...set]);
        expect(few === undefined).toBe(set.size === 0);
      }
    }),
  );
});

test('goes on through the others when one leaves meanwhile', () => {
  let few: Few<(typeof ITEMS)[number]>;
  for (const item of ITEMS) few = added(few, item);
  const seen = [];
  for (const item of each(few)) {
    few = removed(few, item);
    seen.push(item);
  }
  expect(seen).toEqual(ITEMS);
  expect(few).toBeUndefined();
});
