/**
 * A set that has one member nearly always, and then is that member: for what there is one of for each poll that is held.
 * What a function answers takes the place of what it was given.
 */
export type Few<A extends object> = A | Set<A> | undefined;

const NONE: ReadonlyArray<never> = [];

export const added = <A extends object>(few: Few<A>, item: A): Few<A> => {
  if (few === undefined || few === item) return item;
  return few instanceof Set ? few.add(item) : new Set([few, item]);
};

export const removed = <A extends object>(few: Few<A>, item: A): Few<A> => {
  if (few === item) return undefined;
  if (few instanceof Set && few.delete(item) && few.size === 0) return undefined;
  return few;
};

/** The members; one may be removed while they are gone through. */
export const each = <A extends object>(few: Few<A>): Iterable<A> => {
  if (few === undefined) return NONE;
  return few instanceof Set ? few : [few];
};
