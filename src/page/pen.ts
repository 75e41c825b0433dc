/**
 * What is painted with, and on.
 */
import type { Theme } from './look.ts';

export interface Pen {
  readonly context: CanvasRenderingContext2D;
  readonly theme: Theme;
}

export interface Sheet extends Pen {
  readonly width: number;
  readonly height: number;
}
