/**
 * Runs once before the tests of the page: finds the browser, says which one it is, and hands its path on.
 */
import { chromiumBinary } from '../support/chromium.ts';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

export const setup = async (): Promise<void> => {
  const { path, version } = await chromiumBinary(say);
  say(`${version} (${path})`);
  Object.assign(process.env, { JETBUS_TEST_CHROMIUM: path });
};
