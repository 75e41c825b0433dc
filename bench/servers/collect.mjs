/**
 * Loaded into a server of Node before its own code, by `node --expose-gc --import`: the garbage is collected when the load says so,
 * so that memory is compared and not how lately it was tidied up.
 */
process.on('SIGUSR2', () => globalThis.gc());
