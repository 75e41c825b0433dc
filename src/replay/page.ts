/**
 * One file of HTML that shows a picture, and needs nothing besides.
 *
 * What is in a picture was written by anybody, so it goes in as data that no parser of HTML can take for anything else, and a
 * policy lets the page run its own script alone and reach no network.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Picture } from './picture.ts';

/** The page without a picture, as it was built. */
export interface PageParts {
  readonly html: string;
  readonly style: string;
  readonly script: string;
}

const BUILT = new URL('../page/', import.meta.url);

/** Reads what the build has made of `page/`. */
export const readPageParts = async (directory: URL = BUILT): Promise<PageParts> => {
  const read = (name: string) => readFile(new URL(name, directory), 'utf8');
  const [html, style, script] = await Promise.all(['page.html', 'page.css', 'main.js'].map(read));
  return { html: html ?? '', style: style ?? '', script: script ?? '' };
};

export const pageOf = (picture: Picture, { html, style, script }: PageParts): string => {
  const policy = `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`;
  const parts: Readonly<Record<string, string>> = {
    '"policy"': `"${policy}"`,
    '/* style */': style,
    '>null<': `>${embedded(picture)}<`,
    '/* script */': script,
  };
  // In one go, so that nothing is looked for in what was put in.
  return html.replace(
    /"policy"|\/\* style \*\/|>null<|\/\* script \*\//g,
    (part) => parts[part] ?? part,
  );
};

/** JSON without a `<`, so that it can neither end its element nor begin another. */
const embedded = (picture: Picture): string => JSON.stringify(picture).replaceAll('<', '\\u003c');

const hashOf = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
