/**
 * Writes a file beside its place, and puts it there once it is whole: what was there may be what it is made from.
 */
import { rename, rm } from 'node:fs/promises';
import { CannotPutRight } from '../replay/put-right.ts';
import { EXIT, Failure } from './exit.ts';

export const writeWhole = async (
  path: string,
  write: (part: string) => Promise<void>,
): Promise<void> => {
  const part = `${path}.part`;
  try {
    await write(part);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw failureOf(path, error as NodeJS.ErrnoException);
  }
};

const failureOf = (path: string, error: NodeJS.ErrnoException): Error => {
  if (error instanceof CannotPutRight) return new Failure(EXIT.data, error.message);
  return error.code === undefined || error instanceof Failure
    ? error
    : new Failure(EXIT.unavailable, `${path} cannot be written: ${error.code}`);
};
