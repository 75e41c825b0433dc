/**
 * Connections in lanes: those of one subscriber on one line, and what overlaps on a line below.
 */
import type { DrawnConnection, Lane } from './picture.ts';
import type { Sketch } from './sketch.ts';

/** Lanes in the order in which their subscribers first came, each subscriber's together. */
export const lanesOf = (sketches: ReadonlyArray<Sketch>): ReadonlyArray<Lane> => {
  const subscribers = new Map<string, Array<Sketch>>();
  for (const sketch of [...sketches].sort(byOpening)) {
    const key = subscriberOf(sketch);
    const known = subscribers.get(key);
    if (known === undefined) subscribers.set(key, [sketch]);
    else known.push(sketch);
  }
  return [...subscribers.values()].flatMap(lanesOfOne);
};

const openedAt = ({ spans, to }: Sketch): number => spans[0]?.from ?? to;

const byOpening = (one: Sketch, other: Sketch): number =>
  openedAt(one) - openedAt(other) || one.node - other.node || one.number - other.number;

const subscriberOf = ({ opening: { database, user, channels } }: Sketch): string =>
  JSON.stringify([database, user, [...channels].sort()]);

const lanesOfOne = (sketches: ReadonlyArray<Sketch>): ReadonlyArray<Lane> => {
  const lanes: Array<Lane & { readonly connections: Array<DrawnConnection> }> = [];
  for (const { opening, ...connection } of sketches) {
    const from = connection.spans[0]?.from ?? connection.to;
    const free = lanes.find(({ connections }) => (connections.at(-1)?.to ?? from) <= from);
    if (free !== undefined) {
      free.connections.push(connection);
      continue;
    }
    const { database, user, channels } = opening;
    const number = lanes.length + 1;
    lanes.push({ database, user, channels, number, connections: [connection] });
  }
  return lanes;
};
