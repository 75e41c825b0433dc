/**
 * The guard of the hot path: how many bytes each step of it allocates, against a recorded baseline. Bytes are counted and not time,
 * for a busy machine changes the one and not the other.
 *
 *     npm run bench:allocations                 prints the ratios; exits 1 when a step allocates a tenth more than it did, and 24 bytes
 *     npm run bench:allocations -- --record     makes what is measured the baseline
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BASELINE = new URL('allocations.json', import.meta.url);
const STEPS = fileURLToPath(new URL('allocations/steps.mjs', import.meta.url));
/** More than this is a failure, where it is an object more: V8 compiles a process's code in one of several ways. */
const MOST = 1.1;
const OBJECT_BYTES = 24;
/** V8's garbage collector must not run meanwhile. */
const FLAGS = ['--expose-gc', '--max-semi-space-size=128', '--min-semi-space-size=128'];

const [major] = process.versions.node.split('.');

const measured = () => {
  const { stdout, status } = spawnSync(process.execPath, [...FLAGS, STEPS], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error('the steps could not be measured');
  return JSON.parse(stdout);
};

const print = (...cells) =>
  process.stdout.write(
    `${cells[0].padEnd(10)}${cells
      .slice(1)
      .map((c) => c.padStart(10))
      .join('')}\n`,
  );

const record = (baseline) => {
  const bytes = measured();
  const all = { ...baseline, [major]: bytes };
  writeFileSync(BASELINE, `${JSON.stringify(all, undefined, 2)}\n`);
  return all;
};

const known = JSON.parse(readFileSync(BASELINE, 'utf8'));
const baseline = (process.argv.includes('--record') ? record(known) : known)[major];
if (baseline === undefined) {
  print(`No baseline for Node ${major}: nothing is compared (--record makes one)`);
  process.exit();
}
const bytes = measured();
print('', 'bytes', 'baseline', 'ratio');
for (const [name, now] of Object.entries(bytes)) {
  const ratio = now / baseline[name];
  print(name, String(now), String(baseline[name]), `${ratio.toFixed(2)}×`);
  if (ratio <= MOST || now - baseline[name] < OBJECT_BYTES) continue;
  process.stderr.write(`${name} allocates more than ${MOST} times what it did\n`);
  process.exitCode = 1;
}
