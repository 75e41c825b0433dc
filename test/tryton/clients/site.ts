/**
 * An installation of Tryton as its clients meet it: trytond redirects polls to Jetbus, and serves the web client; nginx
 * stands before both where a test wants it.
 */
import { onTestFinished } from 'vitest';
import { freeAddress } from '../../support/address.ts';
import type { Serving } from '../../support/cli.ts';
import { ADMIN_PASSWORD } from '../support/database.ts';
import { type Installation, installation, releaseNamed } from '../support/installation.ts';
import type { ReleaseName } from '../support/packages.ts';
import type { Account } from './desktop-bus.ts';
import { startNginx } from './nginx.ts';

export interface Site {
  readonly tryton: () => Installation;
  /** Serves the Jetbus that trytond redirects and publishes to, until the test ends. */
  readonly serve: (...args: ReadonlyArray<string>) => Promise<Serving>;
  /** Starts nginx before trytond and some nodes, or that one; answers where, until the test ends. */
  readonly proxy: (nodes?: ReadonlyArray<string>) => Promise<string>;
  /** The administrator's, who logs in there. */
  readonly account: (url: string) => Account;
}

const address = await freeAddress();

/** What is there while a test of this `describe` runs. */
export const site = (name: ReleaseName): Site => {
  const release = releaseNamed(name);
  const jetbus = `http://${address}`;
  const tryton = installation(name, {
    config: {
      web: { root: `${release.root}/usr/share/tryton-sao/www`, num_proxies: '1' },
      bus: { allow_subscribe: 'True', url_host: `${jetbus}/`, jetbus_url: jetbus },
    },
  });
  return {
    tryton,
    serve: (...args) =>
      tryton().serve(['--listen', address, '--trusted-proxy', '127.0.0.1', ...args]),
    proxy: async (nodes = [jetbus]) => {
      const nginx = await startNginx({ trytond: tryton().trytond.url, jetbus: nodes });
      onTestFinished(nginx.stop);
      return nginx.url;
    },
    account: (url) => {
      const { database } = tryton();
      return { release, url, database, login: 'admin', password: ADMIN_PASSWORD };
    },
  };
};
