/**
 * What was measured, as one flat record of numbers: a median of each is taken over the rounds.
 */

/** Microseconds of CPU for each of so many: in all, of the server alone, of its store alone, and in the kernel. */
export const cpuEach = ({ server, store }, count) => ({
  cpu: (server.total + store.total) / count,
  serverCpu: server.total / count,
  storeCpu: store.total / count,
  kernelCpu: (server.system + store.system) / count,
});

/** The times of many like things, in milliseconds. */
export class Times {
  #times = [];

  add(milliseconds) {
    this.#times.push(milliseconds);
  }

  figures() {
    const sorted = Float64Array.from(this.#times).sort();
    const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
    return { p50: at(0.5), p99: at(0.99), max: at(1) };
  }
}
