/**
 * The pointer: a click selects, a drag moves in time, a drag along the axis zooms, and so does the wheel with Ctrl.
 */
import { hit, rowAt } from './hit.ts';
import { ROW_HEIGHT, TITLES_WIDTH } from './model.ts';
import type { Page } from './page.ts';
import { atOf, moved, seeing, whole, zoomed } from './view.ts';

/** A hand is never quite still. */
const STILL = 4;

export const listenToPointer = (page: Page): void => {
  onLanes(page);
  onAxis(page);
  onOverview(page);
};

interface Drag {
  /** From the canvas's edge. */
  readonly x: number;
  readonly y: number;
  /** Since it began. */
  readonly across: number;
  readonly down: number;
  readonly isStill: boolean;
}

/** Follows the pointer from where it goes down. `move` is called while it is down, and `end` once. */
const follow = (
  element: HTMLElement,
  begin: () => {
    readonly move: (drag: Drag) => void;
    readonly end: (drag: Drag) => void;
  },
): void => {
  element.addEventListener('pointerdown', (down) => {
    if (down.button !== 0) return;
    const { left, top } = element.getBoundingClientRect();
    const { move, end } = begin();
    let isStill = true;
    const until = new AbortController();
    const dragOf = ({ clientX, clientY }: PointerEvent): Drag => {
      const [across, along] = [clientX - down.clientX, clientY - down.clientY];
      isStill &&= Math.hypot(across, along) < STILL;
      return { x: clientX - left, y: clientY - top, across, down: along, isStill };
    };
    const { signal } = until;
    element.setPointerCapture(down.pointerId);
    element.addEventListener('pointermove', (event) => move(dragOf(event)), { signal });
    element.addEventListener('pointercancel', () => until.abort(), { signal });
    element.addEventListener(
      'pointerup',
      (event) => {
        until.abort();
        end(dragOf(event));
      },
      { signal },
    );
  });
};

const onLanes = (page: Page): void => {
  const { plot, lanes } = page.stage;
  follow(lanes, () => {
    const { view } = page.model;
    const top = plot.scrollTop;
    return {
      move: ({ across, down, isStill }) => {
        if (isStill) return;
        plot.classList.add('dragged');
        page.see(moved(view, (-across / view.width) * (view.to - view.from)));
        plot.scrollTop = top - down;
      },
      end: ({ x, y, isStill }) => {
        plot.classList.remove('dragged');
        if (isStill) click(page, x, y + plot.scrollTop);
      },
    };
  });
  plot.addEventListener('wheel', (event) => wheel(page, event), { passive: false });
};

const click = (page: Page, x: number, y: number): void => {
  const { model, stage } = page;
  const row = rowAt(model, y);
  stage.plot.focus();
  if (row === undefined) return;
  page.select(hit(model, row, x - TITLES_WIDTH, y % ROW_HEIGHT));
};

const wheel = (page: Page, event: WheelEvent): void => {
  const { view } = page.model;
  const { ctrlKey, shiftKey, deltaX, deltaY, clientX } = event;
  const across = shiftKey && deltaX === 0 ? deltaY : deltaX;
  if (ctrlKey) {
    const x = clientX - page.stage.lanes.getBoundingClientRect().left - TITLES_WIDTH;
    page.see(zoomed(view, Math.exp(-deltaY / 300), atOf(view, Math.max(x, 0))));
  } else if (Math.abs(across) > Math.abs(shiftKey ? 0 : deltaY)) {
    page.see(moved(view, (across / view.width) * (view.to - view.from)));
  } else return;
  event.preventDefault();
};

/** A click on the axis selects the message there, or else sets the scrubber. */
const onAxis = (page: Page): void => {
  follow(page.stage.axis, () => {
    const { view } = page.model;
    return {
      move: ({ x, isStill }) => {
        if (!isStill) page.scrub(atOf(view, x - TITLES_WIDTH));
      },
      end: ({ x, y, across, isStill }) => {
        const at = atOf(view, x - TITLES_WIDTH);
        const begin = atOf(view, x - TITLES_WIDTH - across);
        if (isStill) clickAxis(page, x - TITLES_WIDTH, y);
        else page.see(seeing(view, begin, at));
      },
    };
  });
};

const clickAxis = (page: Page, x: number, y: number): void => {
  const { model, stage } = page;
  const [row] = model.shown;
  const found = row === undefined || y < ROW_HEIGHT / 2 ? undefined : hit(model, row, x, y);
  if (found === undefined) page.scrub(atOf(model.view, x));
  else {
    stage.plot.focus();
    page.select(found);
  }
};

const onOverview = (page: Page): void => {
  follow(page.stage.overview, () => {
    const { view } = page.model;
    const all = whole(view.limits, view.width);
    const show = (x: number): void => {
      const half = (view.to - view.from) / 2;
      const at = atOf(all, x);
      page.see(seeing(view, at - half, at + half));
    };
    return { move: ({ x }) => show(x), end: ({ x }) => show(x) };
  });
};
