/**
 * A JSON Web Key Set (RFC 7517) in a file, read again when the file changes.
 */
import { readFile, stat } from 'node:fs/promises';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Clock, Logger } from '../ports.ts';

export interface Keys {
  /** The keys as the file has them now, or had them when it could last be read. */
  readonly current: () => Promise<JWTVerifyGetKey>;
}

/** A change is seen after this time at most. */
const LOOK_MS = 1000;

/** Opens a file of keys; rejects when it holds none. A later version that holds none is logged, and not used. */
export const openJwksFile = async (path: string, clock: Clock, logger: Logger): Promise<Keys> => {
  let version = await versionOf(path);
  let keys = await read(path);
  let lookedAt = clock.elapsed();
  let trouble = '';

  const look = async (): Promise<void> => {
    try {
      const found = await versionOf(path);
      if (found !== version) {
        keys = await read(path);
        version = found;
        logger.info({ path }, 'read the changed keys');
      }
      trouble = '';
    } catch (error) {
      const reason = (error as Error).message;
      if (reason === trouble) return;
      trouble = reason;
      logger.error({ path, reason }, 'the keys cannot be read, so the former ones stay');
    }
  };

  return {
    current: async () => {
      if (clock.elapsed() - lookedAt >= LOOK_MS) {
        lookedAt = clock.elapsed();
        await look();
      }
      return keys;
    },
  };
};

const versionOf = async (path: string): Promise<string> => {
  const { ino, size, mtimeMs } = await stat(path);
  return `${ino} ${size} ${mtimeMs}`;
};

const read = async (path: string): Promise<JWTVerifyGetKey> => {
  const keySet = parse(await readFile(path, 'utf8'));
  const keys = createLocalJWKSet(keySet);
  if (keySet.keys.length === 0) throw new Error('it holds no keys');
  if (keySet.keys.some(({ d, k }) => d !== undefined || k !== undefined)) {
    throw new Error('it holds a secret: a node needs public keys alone');
  }
  return keys;
};

/** Node's own words would quote the text, which may hold a secret. */
const parse = (text: string): JSONWebKeySet => {
  try {
    return JSON.parse(text) as JSONWebKeySet;
  } catch {
    throw new Error('it is not JSON');
  }
};
