/**
 * Tryton's `{"__class__": …}` objects: dates, times, bytes and decimals inside JSON.
 *
 * The desktop client turns each into a Python value while it reads an answer, and its listener ends for good when it
 * cannot. So such an object must be one that Python can make; an unknown class stays an object and is nobody's harm.
 */

/** A field's value as far as it matters here: a number keeps its source, since Python tells 1 from 1.0. */
export type Literal =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'number'; readonly source: string }
  | { readonly type: 'other' };

export const OTHER: Literal = { type: 'other' };

/** The fields of one object by decoded key; of a repeated key the last one, as every reader takes it. */
export type Fields = Map<string, Literal>;

type Range = readonly [minimum: number, maximum: number];

const DATE: Readonly<Record<string, Range>> = { year: [1, 9999], month: [1, 12], day: [1, 31] };
const TIME: Readonly<Record<string, Range>> = {
  hour: [0, 23],
  minute: [0, 59],
  second: [0, 59],
  microsecond: [0, 999_999],
};

/** The longest timedelta that Python holds, 999,999,999 days, in seconds. */
const MAX_SECONDS = 86_399_999_913_600;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const DECIMAL = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,17})?|Infinity|NaN|sNaN)$/;

/**
 * Why an object with these fields would end a listener; undefined when it would not.
 * The message itself (`isMessage`) may bear no known class: it would stop being an object, and lose its id.
 */
export const whyBroken = (fields: Fields, isMessage: boolean): string | undefined => {
  const name = text(fields, '__class__');
  if (name === undefined || !CLASSES.has(name)) return undefined;
  if (isMessage) return `should not be a "${name}" object itself`;
  return CLASSES.get(name)?.(fields) ? undefined : `should be a "${name}" that Python can make`;
};

const text = (fields: Fields, key: string): string | undefined => {
  const literal = fields.get(key);
  return literal?.type === 'string' ? literal.value : undefined;
};

const number = (fields: Fields, key: string): string | undefined => {
  const literal = fields.get(key);
  return literal?.type === 'number' ? literal.source : undefined;
};

const integersWithin =
  (ranges: Readonly<Record<string, Range>>) =>
  (fields: Fields): boolean =>
    Object.entries(ranges).every(([key, [minimum, maximum]]) => {
      const source = number(fields, key) ?? '';
      return /^-?\d+$/.test(source) && Number(source) >= minimum && Number(source) <= maximum;
    });

const isDate = (fields: Fields): boolean => {
  if (!integersWithin(DATE)(fields)) return false;
  const [year, month, day] = ['year', 'month', 'day'].map((key) => Number(number(fields, key)));
  const date = new Date(0);
  date.setUTCFullYear(year ?? 0, (month ?? 0) - 1, day);
  return date.getUTCDate() === day;
};

const isTime = integersWithin(TIME);

const CLASSES: ReadonlyMap<string, (fields: Fields) => boolean> = new Map([
  ['date', isDate],
  ['time', isTime],
  ['datetime', (fields) => isDate(fields) && isTime(fields)],
  [
    'timedelta',
    (fields) => Math.abs(Number(number(fields, 'seconds') ?? Number.NaN)) <= MAX_SECONDS,
  ],
  ['bytes', (fields) => BASE64.test(text(fields, 'base64')?.replace(/\s/g, '') ?? '!')],
  ['Decimal', (fields) => fields.get('decimal')?.type === 'number' || isDecimal(fields)],
]);

const isDecimal = (fields: Fields): boolean => DECIMAL.test(text(fields, 'decimal') ?? '');
