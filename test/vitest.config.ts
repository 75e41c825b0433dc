/**
 * How vitest runs the tests, from the repository's root. Files run in processes of their own, and
 * in few at a time, as each may start several nats-servers.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: 'test/support/global-setup.ts',
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**', 'test/tryton/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default'],
  },
});
