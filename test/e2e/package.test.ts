/**
 * The package as its users get it: packed, unpacked into a project of its own, imported, compiled against and run.
 */
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkout, type Ended, linesOf, Running } from '../support/cli.ts';

/** Every export of every entry, by what it is when the program runs. */
const EXPORTS = {
  jetbus: ['BusFailure', 'createBus', 'createResponse', 'fileLog', 'memoryLog'],
  'jetbus/jetstream': ['jetstreamLog'],
  'jetbus/model': ['connectionMachine', 'connectionPaths', 'initialState', 'simplePaths', 'step'],
};

const IN_JAVASCRIPT = `
  for (const name of ${JSON.stringify(Object.keys(EXPORTS))}) {
    const all = await import(name);
    process.stdout.write(JSON.stringify([name, Object.keys(all).sort()]) + '\\n');
  }
  const { createBus, fileLog } = await import('jetbus');
  const bus = createBus({ log: fileLog('log') });
  const deliveries = bus.subscribe('demo', ['a']);
  const delivery = deliveries.next();
  const { messageId } = await bus.publish('demo', 'a', { n: 1 });
  const { value } = await delivery;
  process.stdout.write(String(value.messageId === messageId) + '\\n');
  await bus.close();
`;

const IN_TYPESCRIPT = `
  import {
    type Bus, type BusError, BusFailure, type BusOptions, createBus, createResponse, type Delivery, fileLog,
    type Log, memoryLog, type Notification, type PublishOptions, type Response, type Resume,
    type SubscribeOptions,
  } from 'jetbus';
  import { type JetStreamLogOptions, jetstreamLog } from 'jetbus/jetstream';
  import {
    connectionMachine, connectionPaths, type ConnectionEvent, type ConnectionEventType, type ConnectionState,
    type Effect, initialState, type Path, type PathStep, simplePaths, type Step, step,
  } from 'jetbus/model';

  const options: JetStreamLogOptions = { servers: ['127.0.0.1:4222'], replicas: 3 };
  const logs: Array<Log> = [memoryLog(), fileLog('log', { historyMs: 1000 }), jetstreamLog(options)];
  const opening: BusOptions = { log: logs[0] ?? memoryLog(), cacheTimeout: 60 };
  const bus: Bus = createBus(opening);
  const notification: Notification = { title: 'Hello', user: 1, body: null };
  const once: PublishOptions = { idempotencyKey: 'x' };
  const until: SubscribeOptions = { signal: AbortSignal.timeout(1000) };

  export const reasonOf = (error: BusError): string =>
    error._tag === 'BadRequest' ? error.path : error._tag === 'LogUnavailable' ? error.reason : '';

  export const listen = async (): Promise<Resume | string | undefined> => {
    try {
      const { messageId, channel } = await bus.publish('demo', 'a', { n: 1 }, once);
      await bus.notify('demo', notification);
      const name: string = channel;
      for await (const delivery of bus.subscribe('demo', [name], messageId, until)) {
        const { raw, message, resume }: Delivery = delivery;
        const bytes: Uint8Array = raw;
        if (bytes.length > 0 && message['n'] === 1) return resume;
      }
    } catch (failure) {
      if (failure instanceof BusFailure) return reasonOf(failure.error);
    }
    return undefined;
  };
  export const nothing: Response<null> = createResponse();
  export const something: Response<{ n: number }> = createResponse('a', { n: 1 });

  const events: Array<ConnectionEvent> = [{ type: 'ADMITTED' }, { type: 'DRAIN' }, { type: 'WRITTEN' }];
  const types: Array<ConnectionEventType> = events.map(({ type }) => type);
  const taken: Step = step(initialState, { type: 'ADMITTED' });
  const effects: ReadonlyArray<Effect> = taken.effects;
  const state: ConnectionState = taken.state;
  const paths: ReadonlyArray<Path<ConnectionEvent>> = connectionPaths(events);
  const steps: ReadonlyArray<PathStep<ConnectionEvent>> = paths.flatMap(({ steps }) => steps);
  export const walked = [types, effects, state.name, steps, simplePaths(connectionMachine, events)];

  // @ts-expect-error: a bus is opened on a log
  createBus({});
  // @ts-expect-error: there is no such event
  step(initialState, { type: 'NONSENSE' });
`;

const TSCONFIG = {
  compilerOptions: {
    target: 'ES2022',
    module: 'NodeNext',
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: ['node'],
  },
  files: ['consumer.ts'],
};

/** Runs a program to its end, which must be a good one. */
const succeed = async (
  program: string,
  args: ReadonlyArray<string>,
  cwd: string,
): Promise<Ended> => {
  const ended = await new Running(program, args, { cwd }).exited;
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  return ended;
};

const link = async (name: string, from: string): Promise<void> => {
  const to = join(from, 'node_modules', name);
  await mkdir(dirname(to), { recursive: true });
  await symlink(join(checkout, 'node_modules', name), to, 'dir');
};

/** Makes a project that depends on the package, and has no other but those that it says it needs; answers with its files. */
const fill = async (path: string): Promise<ReadonlyArray<string>> => {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', path];
  const [{ filename, files }] = JSON.parse((await succeed('npm', args, checkout)).stdout);
  await succeed('tar', ['-xzf', filename], path);
  await mkdir(join(path, 'node_modules'));
  await rename(join(path, 'package'), join(path, 'node_modules/jetbus'));
  const { dependencies } = JSON.parse(
    await readFile(join(path, 'node_modules/jetbus/package.json'), 'utf8'),
  );
  for (const name of [...Object.keys(dependencies), '@types/node']) await link(name, path);
  await writeFile(join(path, 'package.json'), '{"type":"module"}');
  return files.map((file: { readonly path: string }) => file.path);
};

let project = '';
let files: ReadonlyArray<string> = [];

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'jetbus-package-'));
  files = await fill(project);
  return () => rm(project, { recursive: true, force: true });
});

describe('the package', () => {
  test('holds what is built, the plug-in for trytond, licences and documentation, and nothing else', () => {
    const plugin = files.filter((file) => file.startsWith('src/trytond/'));
    const others = files.filter((file) => !/^(?:dist|docs|src\/trytond)\//.test(file));
    expect(others).toEqual(expect.arrayContaining(['LICENSE', 'package.json']));
    for (const file of others) expect(file).toMatch(/^(?:[A-Z]+\.md|LICENSE|package\.json)$/);
    expect(plugin).toEqual(
      expect.arrayContaining([
        'src/trytond/pyproject.toml',
        'src/trytond/trytond_jetbus/__init__.py',
      ]),
    );
    for (const file of plugin) expect(file).toMatch(/\/(?:README\.md|LICENSE|.+\.(?:py|toml))$/);
    expect(files.some((file) => /^docs\/.+\.md$/.test(file))).toBe(true);
    expect(files.filter((file) => /\.test\.|(?<!\.d)\.ts$/.test(file))).toEqual([]);
  });

  test('gives a JavaScript program its exports and no more, and they work', async () => {
    await writeFile(join(project, 'consumer.js'), IN_JAVASCRIPT);
    const { stdout } = await succeed(process.execPath, ['consumer.js'], project);
    const lines = linesOf(stdout).map((line) => JSON.parse(line));
    expect(lines).toEqual([...Object.entries(EXPORTS), true]);
  });

  test('gives a strict TypeScript program all its types, which are sound', async () => {
    await writeFile(join(project, 'consumer.ts'), IN_TYPESCRIPT);
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify(TSCONFIG));
    const { stdout } = await succeed(join(checkout, 'node_modules/.bin/tsc'), [], project);
    expect(stdout).toBe('');
  });

  test('gives a shell its command', async () => {
    const manifest = await readFile(join(project, 'node_modules/jetbus/package.json'), 'utf8');
    const { bin, version } = JSON.parse(manifest);
    const command = join('node_modules/jetbus', bin.jetbus);
    expect(await readFile(join(project, command), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    const { stdout } = await succeed(process.execPath, [command, '--version'], project);
    expect(stdout).toBe(`${version}\n`);
  });
});

describe('the examples', () => {
  test('embed a bus', async () => {
    const { stdout } = await succeed(process.execPath, ['examples/01-embed.mjs'], checkout);
    expect(linesOf(stdout)).toEqual([
      'orders: order 41',
      'user:7: notification Order 41 was shipped',
      'exact: orders: order 42',
    ]);
  });

  test('test a client along every way to an answer', async () => {
    const example = 'examples/02-test-a-client.mjs';
    const { stdout } = await succeed(process.execPath, [example], checkout);
    const lines = linesOf(stdout);
    const ways = lines.slice(0, -1);
    expect(lines.at(-1)).toBe(`The client copes with all ${ways.length} ways.`);
    expect(new Set(ways).size).toBe(ways.length);
    for (const way of [
      'ADMITTED → NOTHING → ARRIVED → WRITTEN: 200 {"message":{',
      'ADMITTED → NOTHING → LOG_RESET → FOUND → WRITTEN: 200 {"message":{',
      'ADMITTED → NOTHING → DEADLINE → WRITTEN: 200 {"message":null,"channel":null}',
      'REFUSED → WRITTEN: 501',
    ]) {
      expect(ways.filter((line) => line.startsWith(way))).not.toEqual([]);
    }
  });
});
