/**
 * The floor as a server of the bench.
 */
import { startNode, targetOf } from './start.mjs';

const pathOf = (file) => new URL(`../${file}`, import.meta.url).pathname;

export const startFloor = (options) => start(pathOf('floor.mjs'), options);

export const startNetFloor = (options) => start(pathOf('floor-net.mjs'), options);

const start = async (path, { nodes = 1, profiles, name }) => {
  const started = [];
  for (let n = 0; n < nodes; n += 1) {
    const ready = /serves on http:\/\/127\.0\.0\.1:(\d+)$/;
    started.push(await startNode([path], { ready, profiles, name }));
  }
  return targetOf(started, [], { forgets: true });
};
