/**
 * Which stretch of time is seen, and how wide. A view is a value; it never leaves its limits.
 */
import type { Instant } from '../replay/picture.ts';

export interface View {
  readonly from: Instant;
  readonly to: Instant;
  /** In pixels. */
  readonly width: number;
  readonly limits: Limits;
}

export interface Limits {
  readonly from: Instant;
  readonly to: Instant;
}

/** Closer than this, single milliseconds would be as wide as a hand. */
const LEAST_MS = 20;

/** All of it. What took no time is given a second, so that there is something to see. */
export const whole = ({ from, to }: Limits, width: number): View => {
  const limits = { from, to: Math.max(to, from + 1000) };
  return { ...limits, width, limits };
};

/** A little more on both sides, so that what is at the ends can be seen to end. */
export const aired = ({ from, to }: Limits): Limits => {
  const margin = Math.max(Math.ceil((to - from) / 60), 1);
  return { from: from - margin, to: to + margin };
};

export const xOf = ({ from, to, width }: View, at: Instant): number =>
  ((at - from) / (to - from)) * width;

export const atOf = ({ from, to, width }: View, x: number): Instant =>
  from + (x / width) * (to - from);

/** The stretch between two instants, in either order. */
export const seeing = (view: View, one: Instant, other: Instant): View => {
  const { limits } = view;
  const all = limits.to - limits.from;
  const length = Math.min(Math.max(Math.abs(other - one), LEAST_MS), all);
  const middle = (one + other) / 2;
  const from = Math.min(Math.max(middle - length / 2, limits.from), limits.to - length);
  return { ...view, from, to: from + length };
};

/** Closer by a factor, or farther; `around` stays where it is. */
export const zoomed = (view: View, factor: number, around: Instant): View => {
  const length = Math.max((view.to - view.from) / factor, LEAST_MS);
  const share = (around - view.from) / (view.to - view.from);
  const from = around - share * length;
  return seeing(view, from, from + length);
};

export const moved = (view: View, byMs: number): View =>
  seeing(view, view.from + byMs, view.to + byMs);

/** Moved as little as brings a stretch into sight; its beginning, if it is longer than that. */
export const bringing = (view: View, from: Instant, to: Instant): View => {
  if (from < view.to && to > view.from && (from >= view.from || to <= view.to)) return view;
  if (from <= view.from && to >= view.to) return view;
  const margin = (view.to - view.from) / 10;
  return moved(view, from < view.from ? from - margin - view.from : to + margin - view.to);
};
