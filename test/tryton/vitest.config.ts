/**
 * How vitest runs the tests with the real Tryton, from the repository's root. They need a build.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['test/tryton/global-setup.ts', 'test/tryton/clients/global-setup.ts'],
    include: ['test/tryton/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default'],
  },
});
