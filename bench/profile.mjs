/**
 * Where a node's time goes: reads what `npm run bench -- --profiles DIRECTORY` left there, and prints the time of each layer, and of the
 * functions that take the most. What V8 and Node do in C++ counts for the function that called it.
 *
 *     node bench/profile.mjs FILE.cpuprofile…
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** The layers, each by what the addresses of its files have in them; the first that fits counts. */
const LAYERS = [
  [
    'fastify',
    /node_modules\/(fastify|@fastify|find-my-way|avvio|process-warning|fast-|secure-json|toad-cache|rfdc|pino|light-my-request|@fastify)/,
  ],
  ['fp-ts, io-ts', /node_modules\/(fp-ts|io-ts)/],
  ['NATS client', /node_modules\/@nats-io/],
  ['undici', /node_modules\/undici/],
  ['lru-cache', /node_modules\/lru-cache/],
  ['other packages', /node_modules\//],
  ['ours: http', /dist\/http\//],
  ['ours: sessions', /dist\/auth\//],
  ['ours: decoders, window', /dist\/bus\//],
  ['ours: machine', /dist\/connection\//],
  ['ours: hub, reader', /dist\/(hub\/|deadlines)/],
  ['ours: log', /dist\/(log|library|jetstream)/],
  ['ours: journal', /dist\/journal\//],
  ['ours: the rest', /dist\/|bench\//],
  ['node:http incoming', /node:_http_(incoming|server|common)|node:internal\/http/],
  ['node:http outgoing', /node:_http_outgoing/],
  ['node:net, streams', /node:(net|internal\/(stream|streams|js_stream|net)|stream)/],
  [
    'node: events, ticks, promises',
    /node:(events|internal\/(process|async_hooks|timers|promise|event|abort|webstreams))|node:timers/,
  ],
  ['node: the rest', /node:/],
];
const SPECIAL = {
  '(garbage collector)': 'garbage collection',
  '(program)': 'C++ and kernel, in no function',
  '(idle)': 'idle',
};
const TOP = 25;
/** The beginning is start-up and warm-up. */
const LATER_SHARE = 0.5;

const layerOf = ({ functionName, url }) =>
  SPECIAL[functionName] ?? LAYERS.find(([, pattern]) => pattern.test(url))?.[0];

const read = (path) => {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(path, 'utf8'));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const node of nodes) for (const id of node.children ?? []) byId.get(id).parent = node;
  for (const node of nodes) {
    const inherited = () => node.parent?.layer ?? 'V8 alone';
    node.layer = layerOf(node.callFrame) ?? inherited();
  }
  const total = timeDeltas.reduce((sum, delta) => sum + delta, 0);
  const layers = new Map();
  const functions = new Map();
  let passed = 0;
  let busy = 0;
  samples.forEach((id, n) => {
    passed += timeDeltas[n];
    const { layer, callFrame } = byId.get(id);
    if (passed < total * (1 - LATER_SHARE) || layer === 'idle') return;
    busy += timeDeltas[n];
    layers.set(layer, (layers.get(layer) ?? 0) + timeDeltas[n]);
    const { functionName, url, lineNumber } = callFrame;
    const place =
      url === '' ? layer : `${url.replace(/^.*(node_modules|dist)\//, '')}:${lineNumber + 1}`;
    const key = `${functionName || '(anonymous)'}  ${place}`;
    functions.set(key, (functions.get(key) ?? 0) + timeDeltas[n]);
  });
  return { layers, functions, busy };
};

const print = (title, times, busy) => {
  process.stdout.write(`\n${title}\n`);
  const sorted = [...times].sort(([, a], [, b]) => b - a).slice(0, TOP);
  for (const [name, time] of sorted) {
    process.stdout.write(`${((time / busy) * 100).toFixed(1).padStart(6)} %  ${name}\n`);
  }
};

for (const path of process.argv.slice(2)) {
  const { layers, functions, busy } = read(path);
  print(`${basename(path)}: layers`, layers, busy);
  print(`${basename(path)}: functions, by their own time`, functions, busy);
}
