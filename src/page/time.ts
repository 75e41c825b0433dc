/*!
 * This page holds d3-time, d3-time-format and d3-array. Copyright 2010-2026 Mike Bostock
 *
 * Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted,
 * provided that the above copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED
 * WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR
 * CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT,
 * NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */
/**
 * Time for people: ticks of an axis, instants and lengths. All of it is UTC, as in the journal and in the logs of the nodes.
 */
import { utcDay, utcMinute, utcSecond, utcTicks } from 'd3-time';
import { utcFormat } from 'd3-time-format';
import type { Instant } from '../replay/picture.ts';

export interface Tick {
  readonly at: Instant;
  readonly text: string;
}

const day = utcFormat('%-d %b');
const minute = utcFormat('%H:%M');
const second = utcFormat('%H:%M:%S');
const millisecond = utcFormat('%H:%M:%S.%L');
const date = utcFormat('%Y-%m-%d');

/** About `count` round instants between two. */
export const ticksOf = (from: Instant, to: Instant, count: number): ReadonlyArray<Tick> =>
  utcTicks(new Date(from), new Date(to), count).map((at) => ({ at: Number(at), text: tick(at) }));

const tick = (at: Date): string => {
  if (utcSecond(at) < at) return millisecond(at);
  if (utcMinute(at) < at) return second(at);
  return utcDay(at) < at ? minute(at) : day(at);
};

export const timeOf = (at: Instant): string => millisecond(new Date(at));
export const dateOf = (at: Instant): string => date(new Date(at));

/** `3 ms`, `58.179 s`, `4 min 58 s`, `2 h 5 min`. */
export const durationOf = (milliseconds: number): string => {
  if (milliseconds < 1000) return `${milliseconds} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(3)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};
