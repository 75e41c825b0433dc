/**
 * Who may call from a browser, as trytond's `[web] cors` decides it. Pure.
 */

/** `same`: no other origin. `listed`: another one that may. `foreign`: another one that may not. */
export type OriginVerdict = 'same' | 'listed' | 'foreign';

/** Judges the value of an Origin header. A browser sends one with every POST, also to the page's own host. */
export const judgeOrigin = (
  origin: string | undefined,
  host: string | undefined,
  listed: ReadonlyArray<string>,
): OriginVerdict => {
  if (origin === undefined || isHost(origin, host)) return 'same';
  return listed.includes(origin) ? 'listed' : 'foreign';
};

/** Whether an origin's host and port are these; a scheme's default port may be left out. */
const isHost = (origin: string, host: string | undefined): boolean => {
  const [, scheme] = /^(https?):\/\/[^/]+$/.exec(origin) ?? [];
  if (scheme === undefined || host === undefined) return false;
  try {
    return new URL(origin).host === new URL(`${scheme}://${host}`).host;
  } catch {
    return false;
  }
};
