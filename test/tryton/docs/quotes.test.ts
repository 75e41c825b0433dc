/**
 * What docs/tryton.md quotes of logs and answers, and the settings that it names, are what the programs have.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkout, run } from '../../support/cli.ts';
import { troubles, variables } from './page.ts';

/** Texts with a … wherever a program, or the page, fills something in. */
const withGaps = (text: string): string => text.replace(/\$\{[^}]*\}|%[sr]|\b\d{3}\b/g, '…');

const sources = readdirSync(join(checkout, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(ts|py)$/.test(file))
  .map((file) => withGaps(readFileSync(join(checkout, 'src', file), 'utf8')))
  .join('\n');

test.each(troubles)('some program says “%s”', (quoted) => {
  expect(sources.includes(withGaps(quoted))).toBe(true);
});

test('the page quotes something at all', () => {
  expect(troubles.length).toBeGreaterThan(3);
});

test('every setting of a node that the page names is one', async () => {
  const { stdout } = await run(['serve', '--help']);
  const options = [...stdout.matchAll(/^ *--(?:no-)?([a-z-]+)/gm)].map(([, name = '']) => name);
  const settings = options.map((name) => `JETBUS_${name.replaceAll('-', '_').toUpperCase()}`);
  expect(variables.length).toBeGreaterThan(5);
  expect(settings).toEqual(expect.arrayContaining(variables));
});
