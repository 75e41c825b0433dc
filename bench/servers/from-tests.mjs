/**
 * What the tests know how to start. They are TypeScript, which Node 20 does not run, so files of theirs are bundled first; each still
 * finds what lies beside it. Vitest is left out, for only what needs no test under way is used.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';

const checkout = resolve(import.meta.dirname, '../..');

/** A file's own folder as it was before it was bundled. */
const ownFolders = {
  name: 'own-folders',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const folder = JSON.stringify(dirname(path));
      return { contents: text.replaceAll('import.meta.dirname', folder), loader: 'ts' };
    }),
};

/** All that some files export which lie in one folder below `test`. */
export const fromTests = async (folder, files) => {
  const name = [folder, ...files].join('-').replaceAll('/', '-');
  const outfile = join(checkout, '.cache', 'bench', `${name}.mjs`);
  const contents = files.map((file) => `export * from './${file}';`).join('\n');
  await build({
    stdin: { contents, resolveDir: join(checkout, 'test', folder), loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['vitest'],
    plugins: [ownFolders],
    logLevel: 'warning',
  });
  return import(outfile);
};
