/**
 * What a picture holds was written by anybody, and cannot get out of its element.
 */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { pageOf } from '../../../src/replay/page.ts';
import type { Picture } from '../../../src/replay/picture.ts';

const HTML =
  '<meta content="policy"><style>/* style */</style><script id="picture">null</script><script>/* script */</script>';
const STYLE = 'p { color: red }';
const SCRIPT = "run('$&');";

const pictureWith = (text: string): Picture => ({
  from: 0,
  to: 1,
  nodes: [],
  lanes: [],
  answers: [],
  messages: [{ sequence: 1, at: 0, database: 'shop', channel: 'a', id: 'x', text }],
  missing: { records: 0, orphans: 0, unreadable: 0 },
});

const page = (text: string): string =>
  pageOf(pictureWith(text), { html: HTML, style: STYLE, script: SCRIPT });

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64');

test.each([
  '</script><img src=x onerror=alert(1)>',
  '<!-- <script>',
  ']]></SCRIPT >',
  '/* script */ >null< "policy" $& $`',
  '\u2028\u2029\ud800',
])('%j is in the page as data, and nowhere else', (text) => {
  const [before, data, after] = page(text).split(/(?<=id="picture">)|(?=<\/script><script>)/);
  expect(data).not.toContain('<');
  expect((JSON.parse(data ?? '') as Picture).messages[0]?.text).toBe(text);
  expect(before).toMatch(/<style>p \{ color: red \}<\/style><script id="picture">$/);
  expect(after).toBe(`</script><script>${SCRIPT}</script>`);
});

test('nothing is let in but the page’s own script and style, by their digests', () => {
  const [, policy] = /content="([^"]*)"/.exec(page('')) ?? [];
  expect(policy?.split('; ')).toEqual([
    "default-src 'none'",
    `style-src 'sha256-${hashOf(STYLE)}'`,
    `script-src 'sha256-${hashOf(SCRIPT)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ]);
});
