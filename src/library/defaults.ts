/**
 * What the library and the command line take when they are not told.
 */

/** trytond has no history; a day lets people look back at yesterday's question. */
export const DEFAULT_HISTORY_MS = 24 * 60 * 60 * 1000;

/** trytond's `cache_timeout`, as it is documented. */
export const DEFAULT_CACHE_TIMEOUT_MS = 300_000;

/** trytond's `long_polling_timeout`. */
export const DEFAULT_LONG_POLLING_TIMEOUT_MS = 300_000;

export const DEFAULT_STREAM = 'JETBUS';

export const DEFAULT_SUBJECT_PREFIX = 'bus';
