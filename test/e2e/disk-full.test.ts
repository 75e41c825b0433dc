import { expect, test } from 'vitest';
import { directory, main, publish, startProgram } from '../support/cli.ts';
import { poll, request } from '../support/http.ts';

const MAX_PUBLISHES = 1000;

test('a disk that is full refuses publishes, and ends neither the node nor its polls', async () => {
  // The limit is on the size of a file, in blocks of 512 bytes; without the trap its signal would end the process.
  const serve = 'trap "" XFSZ; ulimit -f 300; exec node "$@"';
  const options = [
    'serve',
    '--log',
    `file:${directory()}`,
    '--listen',
    '127.0.0.1:0',
    '--drain',
    '0',
  ];
  const node = startProgram('sh', ['-c', serve, 'sh', main, ...options]);
  const [, url = ''] = await node.line(/serves on (http:\S+)/);
  const held = poll(url, 'db', { channels: ['c'] });
  const text = JSON.stringify({ text: 'x'.repeat(4000) });
  let status = 201;
  for (let n = 0; status === 201 && n < MAX_PUBLISHES; n += 1) {
    ({ status } = await publish(url, 'other', text));
  }
  expect(status).toBe(503);
  expect((await publish(url, 'other', text)).status).toBe(503);
  expect((await request({ url, path: '/-/readyz', method: 'GET' })).status).toBe(200);
  node.kill('SIGTERM');
  expect((await held).body).toBe('{"message":null,"channel":null}');
  expect((await node.exited).code).toBe(0);
});
