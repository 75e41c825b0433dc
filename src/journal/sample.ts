/**
 * Which users a journal that keeps only a share of them keeps: the same ones on every node, so that their story is whole.
 */
import { hash } from 'node:crypto';

/** Whether a user is among a share of all, from 0 to 1. */
export const isSampled = (user: string, share: number): boolean =>
  share >= 1 || Number.parseInt(hash('sha256', user, 'hex').slice(0, 8), 16) / 2 ** 32 < share;
