/**
 * A chain, against an array that is searched.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Chain, type Link } from '../../src/chain.ts';

test('has the members of an array in their order, whichever are removed, and however often', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(9))), (changes) => {
      const chain = new Chain<number>();
      const other = new Chain<number>();
      const links: Array<Link<number>> = [];
      let members: Array<number> = [];
      changes.forEach((removed, n) => {
        if (removed === null) {
          links.push(chain.add(n));
          members.push(n);
        } else {
          const link = links[removed];
          if (link === undefined) return;
          other.remove(link);
          chain.remove(link);
          members = members.filter((member) => member !== link.item);
        }
        expect(chain.members()).toEqual(members);
        expect(chain.size).toBe(members.length);
        expect(chain.first?.item).toBe(members[0]);
      });
    }),
  );
});
