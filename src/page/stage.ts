/**
 * The canvases: as large as their places, as fine as the screen, and painted at most once a frame.
 */
import { overview, paintAxis, paintOverview } from './axis.ts';
import { type Theme, themeOf } from './look.ts';
import { type Model, ROW_HEIGHT, TITLES_WIDTH } from './model.ts';
import { paintRows } from './paint.ts';
import type { Sheet } from './pen.ts';
import { whole } from './view.ts';

const AXIS_HEIGHT = 56;
const OVERVIEW_HEIGHT = 40;

export interface Stage {
  readonly axis: HTMLCanvasElement;
  readonly lanes: HTMLCanvasElement;
  readonly overview: HTMLCanvasElement;
  /** Scrolls; `sheet` is as tall as all rows are. */
  readonly plot: HTMLElement;
  readonly sheet: HTMLElement;
  /** As wide as the overview is. */
  readonly slider: HTMLElement;
}

/** Answers with how to ask for a painting. */
export const paintOn = (stage: Stage, model: Model): (() => void) => {
  const open = overview();
  let theme: Theme | undefined;
  let isAsked = false;
  const paint = (): void => {
    isAsked = false;
    const { plot, axis, lanes } = stage;
    stage.sheet.style.height = `${(model.shown.length - 1) * ROW_HEIGHT}px`;
    const { clientWidth: width, clientHeight: height } = plot;
    const room = Math.max(width - TITLES_WIDTH, 50);
    resize(model, room);
    // Its thumb hangs over by half of its width on each side.
    stage.slider.style.width = `${room + 16}px`;
    theme ??= themeOf(contextOf(lanes));
    paintAxis(sheetOf(axis, theme, width, AXIS_HEIGHT), model);
    paintRows(sheetOf(lanes, theme, width, height), model, plot.scrollTop);
    paintOverview(sheetOf(stage.overview, theme, room, OVERVIEW_HEIGHT), model, open);
  };
  const ask = (): void => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(paint);
  };
  stage.plot.addEventListener('scroll', ask);
  new ResizeObserver(ask).observe(stage.plot);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    theme = undefined;
    ask();
  });
  return ask;
};

const resize = (model: Model, width: number): void => {
  if (model.view.width === width) return;
  model.view = model.view.width === 0 ? whole(model.view.limits, width) : { ...model.view, width };
};

/** A sheet of a canvas that is made to measure; to measure it anew would wipe it, so only when it must be. */
const sheetOf = (canvas: HTMLCanvasElement, theme: Theme, width: number, height: number): Sheet => {
  const ratio = devicePixelRatio;
  const context = contextOf(canvas);
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { context, theme, width, height };
};

const contextOf = (canvas: HTMLCanvasElement): CanvasRenderingContext2D => {
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) throw new Error('this browser draws no canvas');
  return context;
};
