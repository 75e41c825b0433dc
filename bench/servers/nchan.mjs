/**
 * nchan, the long polling of Debian's nginx: one worker, as every other server here has one process that answers.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fromTests } from './from-tests.mjs';
import { freePort, startProgram } from './start.mjs';

const run = promisify(execFile);
const PACKAGES = ['nginx', 'libnginx-mod-nchan'];
const MODULE = '/usr/lib/nginx/modules/ngx_nchan_module.so';

const configOf = (directory, port) => `
load_module ${MODULE};
daemon off;
master_process on;
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${directory}/pid;
error_log stderr notice;
events { worker_connections 19500; }
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  keepalive_timeout 300s;
  keepalive_requests 100000000;
  nchan_shared_memory_size 256M;
  nchan_message_timeout 300s;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location ~ ^/subscribe/(.+)$ {
      nchan_subscriber longpoll;
      nchan_channel_id $1;
      nchan_subscriber_first_message newest;
      nchan_subscriber_timeout 300s;
    }
    location ~ ^/publish/(.+)$ { nchan_publisher; nchan_channel_id $1; }
    location = /status { nchan_stub_status; }
  }
}
`;

/** Installs it where it is missing, and says which it is. */
export const prepareNchan = async () => {
  const { installPackages } = await fromTests('support', ['apt.ts']);
  const version = async () => {
    const { stdout } = await run('dpkg-query', ['--show', 'libnginx-mod-nchan']);
    return stdout.trim().split('\t')[1] ?? '';
  };
  const found = await version().catch(() => '');
  if (found === '') await installPackages(PACKAGES, `On Debian, install ${PACKAGES.join(' ')}.`);
  return `nchan ${await version()}`;
};

export const startNchan = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'jetbus-bench-nchan-'));
  const port = await freePort();
  await writeFile(join(directory, 'nginx.conf'), configOf(directory, port));
  const { pid, stop, failed } = await startProgram(
    '/usr/sbin/nginx',
    ['-c', join(directory, 'nginx.conf'), '-p', directory],
    { isServer: true, ready: /start worker process \d+/ },
  );
  return {
    target: { adapter: 'nchan', port, forgets: true, pids: { server: [pid], store: [] } },
    failed,
    stop: async () => {
      await stop('SIGTERM');
      await rm(directory, { recursive: true, force: true });
    },
  };
};
