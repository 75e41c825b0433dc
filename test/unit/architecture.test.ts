/**
 * The law of the layout: imports go inward only. The table below is an allow-list; a file that no row knows is an error, so
 * that a new folder has to say where it belongs.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join, posix, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const repository = resolve(import.meta.dirname, '../..');
const source = join(repository, 'src');

interface Ring {
  readonly files: RegExp;
  readonly may: RegExp;
}

const ring = (files: RegExp, ...may: ReadonlyArray<RegExp>): Ring => ({
  files,
  may: new RegExp(may.map((one) => `^(?:${one.source})$`).join('|')),
});

const FP = /fp\.ts/;
const PORTS = /ports\.ts/;
const DEADLINES = /deadlines\.ts/;
const FEW = /few\.ts/;
const CHAIN = /chain\.ts/;
const BUS = /bus\/.*/;
const CONNECTION = /connection\/.*/;
const LOG = /log\/(?:log|ask)\.ts/;
const JOURNAL = /journal\/.*/;
const JETSTREAM = /log\/(?:subject|jetstream[^/]*)\.ts/;
const NODE = /node:(?!process$).*/;
const EDGE_PACKAGES = /@nats-io\/.*|fp-ts(?:\/.*)?|fastify|@fastify\/.*/;

const RINGS: ReadonlyArray<Ring> = [
  ring(FP, /fp-ts\/lib\/.*/),
  ring(PORTS, FP, BUS),
  ring(CHAIN),
  ring(DEADLINES, PORTS, CHAIN),
  ring(FEW),
  ring(BUS, FP, BUS, /io-ts/, /node:crypto/),
  ring(CONNECTION, FP, BUS, CONNECTION, /xstate/, /xstate\/graph/),
  ring(LOG, FP, BUS, LOG),
  ring(/log\/memory\.ts/, FP, PORTS, BUS, LOG),
  ring(
    /log\/(?:file[^/]*|native-lock\.d)\.ts/,
    ...[FP, PORTS, BUS, LOG, /log\/file[^/]*\.ts/],
    ...[/lmdb/, /fs-native-extensions/, NODE],
  ),
  ring(JETSTREAM, FP, PORTS, DEADLINES, BUS, LOG, JETSTREAM, /@nats-io\/.*/),
  ring(JOURNAL, FP, PORTS, BUS, CONNECTION, LOG, JOURNAL, /io-ts/, NODE),
  ring(
    /hub\/.*/,
    ...[FP, PORTS, CHAIN, DEADLINES, FEW, BUS, CONNECTION, LOG, JOURNAL, /hub\/.*/],
    /xstate/,
  ),
  ring(/replay\/.*/, FP, PORTS, BUS, CONNECTION, LOG, JOURNAL, /replay\/.*/, /io-ts/, NODE),
  // In a browser: of the rest it knows what a picture looks like, and no more.
  ring(/page\/.*/, /page\/.*/, /replay\/picture\.ts/, /d3-time(?:-format)?/),
  ring(
    /auth\/.*/,
    ...[FP, PORTS, DEADLINES, FEW, BUS, /auth\/.*/],
    ...[/io-ts/, /jose/, /lru-cache/, /undici/, NODE],
  ),
  ring(
    /http\/.*/,
    ...[FP, PORTS, FEW, BUS, CONNECTION, /hub\/.*/, /auth\/.*/, /http\/.*/],
    ...[/fastify/, /@fastify\/.*/, /pino/, NODE],
  ),
  ring(/jetstream\.ts/, /(?!http\/|cli\/|page\/).*\.ts/, NODE),
  ring(/cli\/.*/, new RegExp(`(?!(?:${EDGE_PACKAGES.source}|page/.*)$).*`)),
  ring(
    /(?:library\/)?[^/]+\.ts/,
    ...[FP, PORTS, BUS, CONNECTION, /hub\/.*/, /auth\/.*/, /library\/.*/],
    ...[/log\/(?:log|memory|file[^/]*)\.ts/, /io-ts/, NODE],
  ),
];

const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');

const paths = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => path.replaceAll('\\', '/'));

const files = paths.map((path) => ({
  path,
  text: withoutComments(readFileSync(join(source, path), 'utf8')),
}));

const IMPORT = /(?<![.\w])(?:from|import)\s*\(?\s*['"]([^'"\s]+)['"]/g;

/** What a file imports: paths within src, and names of packages. */
const importsOf = (path: string, text: string): ReadonlyArray<string> =>
  [...text.matchAll(IMPORT)]
    .map(([, target = '']) => target)
    .map((target) => (target.startsWith('.') ? posix.join(posix.dirname(path), target) : target));

const trespasses = (path: string, text: string): ReadonlyArray<string> => {
  const own = RINGS.find(({ files }) => new RegExp(`^(?:${files.source})$`).test(path));
  if (own === undefined) return [`${path} is in no ring`];
  return importsOf(path, text)
    .filter((target) => !own.may.test(target))
    .map((target) => `${path} imports ${target}`);
};

describe('the table of imports', () => {
  test('reads the files of every ring that cannot be missing', () => {
    const rings = ['bus/next.ts', 'connection/machine.ts', 'log/log.ts', 'hub/hub.ts', 'fp.ts'];
    expect(paths).toEqual(expect.arrayContaining(rings));
    const targets = files.flatMap(({ path, text }) => importsOf(path, text));
    expect(targets).toEqual(
      expect.arrayContaining(['bus/names.ts', 'io-ts', '@nats-io/jetstream']),
    );
  });

  test('is kept by every file', () => {
    expect(files.flatMap(({ path, text }) => trespasses(path, text))).toEqual([]);
  });

  test.each([
    ['bus/next.ts', "import { Hub } from '../hub/hub.ts';", 'hub/hub.ts'],
    ['bus/next.ts', "import { readFile } from 'node:fs';", 'node:fs'],
    ['bus/next.ts', "export * as E from 'fp-ts/lib/Either.js';", 'fp-ts/lib/Either.js'],
    ['connection/step.ts', "import type { Log } from '../log/log.ts';", 'log/log.ts'],
    ['ports.ts', "import type { Log } from './log/log.ts';", 'log/log.ts'],
    ['log/log.ts', "import type { Clock } from '../ports.ts';", 'ports.ts'],
    [
      'log/memory.ts',
      "import { connect } from '@nats-io/transport-node';",
      '@nats-io/transport-node',
    ],
    ['log/file.ts', "import './jetstream.ts';", 'log/jetstream.ts'],
    ['log/jetstream.ts', "import { append } from '../hub/tail.ts';", 'hub/tail.ts'],
    ['hub/hub.ts', "const log = await import('../log/jetstream.ts');", 'log/jetstream.ts'],
    ['hub/hub.ts', "import { memoryLog } from '../log/memory.ts';", 'log/memory.ts'],
    ['auth/trust.ts', "import fastify from 'fastify';", 'fastify'],
    ['http/server.ts', "import { env } from 'node:process';", 'node:process'],
    ['http/server.ts', "import { main } from '../cli/main.ts';", 'cli/main.ts'],
    ['cli/serve.ts', 'import fastify from "fastify";', 'fastify'],
    [
      'cli/serve.ts',
      "import { connect } from '@nats-io/transport-node';",
      '@nats-io/transport-node',
    ],
    ['page/main.ts', "import { draw } from '../replay/draw.ts';", 'replay/draw.ts'],
    ['replay/page.ts', "import { Page } from '../page/page.ts';", 'page/page.ts'],
    ['cli/serve.ts', "import { Page } from '../page/page.ts';", 'page/page.ts'],
    ['index.ts', "export { jetstreamLog } from './jetstream.ts';", 'jetstream.ts'],
    ['index.ts', "export { jetstreamLog } from './log/jetstream.ts';", 'log/jetstream.ts'],
    ['model.ts', "export { server } from './http/server.ts';", 'http/server.ts'],
    ['jetstream.ts', "export { main } from './cli/main.ts';", 'cli/main.ts'],
  ])('forbids %s: %s', (path, text, target) => {
    expect(trespasses(path, text)).toEqual([`${path} imports ${target}`]);
  });

  test('knows no other folders', () => {
    expect(trespasses('common/helpers.ts', '')).toEqual(['common/helpers.ts is in no ring']);
  });
});

test('ports are imported types and nothing that runs', () => {
  const ports = files.find(({ path }) => path === 'ports.ts')?.text ?? '';
  expect(ports.match(/^import (?!type ).*/gm)).toEqual(null);
  expect(ports.match(/^export (?!interface |type ).*/gm)).toEqual(null);
});

test('only cli names the process', () => {
  const naming = files
    .filter(({ path }) => !path.startsWith('cli/'))
    .filter(({ text }) => /\bprocess\s*(?:\?\.|\.\s*\w|\[)/.test(text));
  expect(naming.map(({ path }) => path)).toEqual([]);
});

test('what is left without the edges compiles', async () => {
  const cache = join(repository, '.cache');
  await mkdir(cache, { recursive: true });
  const directory = await mkdtemp(join(cache, 'layout-'));
  try {
    await cp(source, join(directory, 'src'), {
      recursive: true,
      filter: (path) =>
        !/^(?:http|cli|page|jetstream\.ts|log\/jetstream.*)$/.test(relative(source, path)),
    });
    await writeFile(
      join(directory, 'tsconfig.json'),
      JSON.stringify({
        extends: join(repository, 'tsconfig.json'),
        compilerOptions: { rootDir: 'src', noEmit: true },
        include: ['src'],
      }),
    );
    expect(await compile(directory)).toEqual('');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

const compile = async (directory: string): Promise<string> => {
  const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [tsc, '-p', directory, '--noEmit', '--pretty', 'false'];
  return promisify(execFile)(process.execPath, args, { cwd: dirname(directory) }).then(
    ({ stdout }) => stdout,
    ({ stdout, message }: { stdout?: string; message: string }) => stdout || message,
  );
};
