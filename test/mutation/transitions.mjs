/**
 * Takes one transition after the other out of the connection machine, in a copy of the sources, and sees who misses it:
 * the machine's test, the hub's and the one over HTTP must all turn red. `npm run test:mutation`; minutes, so not in `npm test`.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const copy = `${root}.cache/mutant/`;
const SUITES = {
  machine: 'test/model/connection.machine.test.ts',
  hub: 'test/model/connection.hub.test.ts',
  http: 'test/e2e/transitions.test.ts',
};
const TRANSITION = /^ +([A-Z_]+): (?:'|\{ target|\{ actions|emptyHanded).*$/;

rmSync(copy, { recursive: true, force: true });
mkdirSync(copy, { recursive: true });
for (const name of ['src', 'test', 'package.json', 'tsconfig.json']) {
  cpSync(root + name, copy + name, { recursive: true });
}
symlinkSync(`${root}node_modules`, `${copy}node_modules`);

const machine = `${copy}src/connection/machine.ts`;
const lines = readFileSync(machine, 'utf8').split('\n');

const isRed = (suite) => {
  const args = ['vitest', 'run', '--root', '.', '--config', 'test/vitest.config.ts'];
  const run = spawnSync('npx', [...args, '--bail', '1', '--testTimeout', '5000', suite], {
    cwd: copy,
    encoding: 'utf8',
  });
  if (!/Tests /.test(run.stdout))
    throw new Error(`${suite} did not run:\n${run.stdout}${run.stderr}`);
  return run.status !== 0;
};

const print = (text) => process.stdout.write(`${text}\n`);
const mutants = lines.flatMap((line, index) => (TRANSITION.test(line) ? [{ line, index }] : []));
let survived = 0;
for (const suite of Object.values(SUITES)) {
  if (isRed(suite)) throw new Error(`${suite} is red before anything was taken out`);
}
for (const { line, index } of mutants) {
  writeFileSync(machine, lines.filter((_, at) => at !== index).join('\n'));
  const verdicts = Object.entries(SUITES).map(([name, suite]) => {
    const red = isRed(suite);
    if (!red) survived += 1;
    return `${name} ${red ? 'red' : 'GREEN'}`;
  });
  print(`${line.trim().padEnd(72)} ${verdicts.join(', ')}`);
}
print(`${mutants.length} transitions taken out, ${survived} times nobody noticed`);
process.exitCode = survived === 0 && mutants.length > 0 ? 0 : 1;
