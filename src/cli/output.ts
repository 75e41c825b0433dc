/**
 * What commands print.
 */

/** JSON that its publisher wrote on several lines, on one: a line break in JSON is white space, never part of a string. */
export const onOneLine = (json: string): string => json.replace(/[\r\n]+/g, ' ');
