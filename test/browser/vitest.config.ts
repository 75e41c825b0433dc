/**
 * How vitest runs the tests of the page, in a real browser, from the repository's root. They need a build.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: 'test/browser/global-setup.ts',
    include: ['test/browser/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default'],
  },
});
