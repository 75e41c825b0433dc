/**
 * docs/tryton.md as what somebody types who follows it: its blocks of commands, in order, each under its heading.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../../support/cli.ts';

export interface Block {
  readonly heading: string;
  /** The line of the page that it begins on. */
  readonly line: number;
  readonly commands: string;
}

export const PAGE = 'docs/tryton.md';

export const text = readFileSync(join(checkout, PAGE), 'utf8');

const blocksOf = (page: string): ReadonlyArray<Block> => {
  const blocks: Array<Block> = [];
  let heading = '';
  let begun: { line: number; commands: Array<string> } | undefined;
  for (const [index, line] of page.split('\n').entries()) {
    if (begun !== undefined && line === '```') {
      blocks.push({ heading, line: begun.line, commands: begun.commands.join('\n') });
      begun = undefined;
    } else if (begun !== undefined) {
      begun.commands.push(line);
    } else if (line === '```sh') {
      begun = { line: index + 2, commands: [] };
    } else if (line.startsWith('## ')) {
      heading = line.slice(3);
    }
  }
  return blocks;
};

export const blocks = blocksOf(text);

/** The texts in code type in the first column of the page's table. */
export const troubles = text
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
  .flatMap((line) => [...(line.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)])
  .map(([, quoted = '']) => quoted);

/** The environment variables of Jetbus that the page names. */
export const variables = [...new Set(text.match(/\bJETBUS_[A-Z_]+/g) ?? [])];
