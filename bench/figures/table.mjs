/**
 * The figures as tables for people: the median and its ratio to the floor, and below it the least and the greatest.
 */
const number = (value, { digits, factor = 1 }) => (value * factor).toFixed(digits);

const cellOf = (figure, column) => {
  if (figure === undefined) return ['', ''];
  const { ratio } = figure;
  const hasRatio = column.ratio && ratio !== undefined;
  const above = `${number(figure.median, column)}${hasRatio ? ` ${ratio.toFixed(2)}×` : ''}`;
  const below = `${number(figure.least, column)}–${number(figure.greatest, column)}`;
  return [above, figure.rounds.length === 1 ? '' : below];
};

/** `rows` are titles with the figures of each. */
export const tableOf = (title, columns, rows) => {
  const lines = [['', ...columns.map((column) => column.title)]];
  for (const [name, figures] of rows) {
    const cells = columns.map((column) => cellOf(figures[column.key], column));
    lines.push([name, ...cells.map(([above]) => above)]);
    if (cells.some(([, below]) => below !== ''))
      lines.push(['', ...cells.map(([, below]) => below)]);
  }
  const widths = lines[0].map((_, n) => Math.max(...lines.map((line) => line[n].length)));
  const text = lines.map((line) =>
    line
      .map((cell, n) => (n === 0 ? cell.padEnd(widths[n]) : cell.padStart(widths[n])))
      .join('  ')
      .trimEnd(),
  );
  return `\n${title}\n${text.join('\n')}\n`;
};
