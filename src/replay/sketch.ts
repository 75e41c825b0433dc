/**
 * A drawing in the making: what of each node and connection is drawn so far. It is changed in place and has one owner.
 */
import type { Instant } from '../bus/names.ts';
import type { NodeRecord, OpeningRecord } from '../journal/record.ts';
import type { FoldedConnection } from './fold.ts';
import type { DrawnAnswer, DrawnConnection, DrawnNode, Mark, Span } from './picture.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };
export type SpanSketch = Writable<Span>;

/** A connection as far as it is drawn, beside what was recorded of its subscriber. */
export interface Sketch extends Writable<Omit<DrawnConnection, 'spans'>> {
  readonly opening: OpeningRecord;
  readonly spans: Array<SpanSketch>;
}

/** What is drawn: connections that a predicate takes, as far as they lived between two instants. */
export interface Frame {
  readonly isDrawn?: ((connection: FoldedConnection) => boolean) | undefined;
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
}

export interface NodeSketch extends Writable<Omit<DrawnNode, 'states' | 'lives' | 'gaps'>> {
  readonly index: number;
  readonly states: Array<DrawnNode['states'][number]>;
  readonly lives: Array<DrawnNode['lives'][number]>;
  readonly gaps: Array<DrawnNode['gaps'][number]>;
}

export interface Drawing {
  readonly frame: Frame;
  readonly nodes: Map<string, NodeSketch>;
  /** Those that may still take events. */
  readonly open: Map<FoldedConnection, Sketch>;
  readonly ended: Array<Sketch>;
  readonly answers: Map<string, { readonly index: number; readonly answer: DrawnAnswer }>;
  readonly messages: Array<Mark>;
  /** The first instant of anything on it. */
  begun: Instant;
  records: number;
  orphans: number;
  unreadable: number;
}

export const nodeOf = (drawing: Drawing, run: string, at: Instant): NodeSketch => {
  const { nodes } = drawing;
  drawing.begun = Math.min(drawing.begun, at);
  const known = nodes.get(run);
  if (known !== undefined) return known;
  const node: NodeSketch = {
    index: nodes.size,
    run,
    version: null,
    states: [],
    lives: [],
    gaps: [],
    to: at,
    isLost: false,
  };
  nodes.set(run, node);
  return node;
};

export const heard = (drawing: Drawing, { run, at }: { run: string; at: Instant }): NodeSketch => {
  const node = nodeOf(drawing, run, at);
  node.to = Math.max(node.to, at);
  return node;
};

export const drawNode = (drawing: Drawing, record: NodeRecord, isNewLife: boolean): void => {
  const node = heard(drawing, record);
  const { at: from, node: state, version, life } = record;
  node.version = version;
  if (node.states.at(-1)?.state !== state) node.states.push({ state, from });
  if (isNewLife && life !== null) node.lives.push({ epoch: life.epoch, from });
};
