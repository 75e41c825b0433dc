/**
 * A logger that keeps what it was told.
 */
import type { Logger } from '../../src/ports.ts';

export interface Told {
  readonly level: 'info' | 'warn' | 'error';
  readonly facts: object;
  readonly text: string;
}

export const tellingLogger = () => {
  const told: Array<Told> = [];
  const at = (level: Told['level']) => (facts: object, text: string) => {
    told.push({ level, facts, text });
  };
  const logger: Logger = { info: at('info'), warn: at('warn'), error: at('error') };
  return { logger, told };
};
