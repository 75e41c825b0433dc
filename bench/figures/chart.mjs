/**
 * The chart of docs/performance.md: bars of the CPU of a delivery and of the memory of a held poll, readable on light and dark.
 */
const WIDTH = 760;
const LABEL = 230;
const BAR = 18;
const ROW = 26;
const HEAD = 34;
const NUMBER = 110;

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 } .spread { stroke: #24292f; stroke-width: 1 }
  .floor { fill: #8c959f } .ours { fill: #0969da } .store { fill: #54aeff } .peer { fill: #bf8700 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .spread { stroke: #e6edf3 }
    .floor { fill: #8b949e } .ours { fill: #2f81f7 } .store { fill: #79c0ff } .peer { fill: #d29922 }
  }`;

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** A bar that would make all others invisible is cut, and says so by its number alone. */
const scaleOf = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const [second = 1, first = 1] = sorted.slice(-2);
  return first > 4 * second ? second * 1.5 : first;
};

const panelOf = ({ title, key, digits, rows }, top) => {
  const room = WIDTH - LABEL - NUMBER;
  const scale = scaleOf(rows.map(({ figures }) => figures[key].median));
  const x = (value) => LABEL + Math.min(1, value / scale) * room;
  const bars = rows.map(({ name, kind, figures }, n) => {
    const { median, least, greatest } = figures[key];
    const y = top + HEAD + n * ROW;
    const middle = y + BAR / 2;
    const store = key === 'cpu' ? (figures.storeCpu?.median ?? 0) : 0;
    const isCut = median > scale;
    return [
      `<text x="${LABEL - 8}" y="${middle + 4}" text-anchor="end">${escaped(name)}</text>`,
      `<rect class="${kind}" x="${LABEL}" y="${y}" width="${(x(median) - LABEL).toFixed(1)}" height="${BAR}"/>`,
      ...(store > 0.01 * median && kind === 'ours'
        ? [
            `<rect class="store" x="${x(median - store).toFixed(1)}" y="${y}" width="${(x(median) - x(median - store)).toFixed(1)}" height="${BAR}"/>`,
          ]
        : []),
      ...(isCut
        ? []
        : [
            `<line class="spread" x1="${x(least).toFixed(1)}" x2="${x(greatest).toFixed(1)}" y1="${middle}" y2="${middle}"/>`,
          ]),
      `<text x="${(Math.max(x(median), isCut ? 0 : x(greatest)) + 8).toFixed(1)}" y="${middle + 4}">${median.toFixed(digits)}${isCut ? ' →' : ''}</text>`,
    ].join('\n');
  });
  return [`<text class="title" x="0" y="${top + 18}">${escaped(title)}</text>`, ...bars].join('\n');
};

/** `panels` have a title, the key of a figure, and rows of a name, a kind and figures. */
export const chartOf = (panels) => {
  let height = 0;
  const drawn = panels
    .filter(({ rows }) => rows.length > 0)
    .map((panel) => {
      const top = height;
      height += HEAD + panel.rows.length * ROW + 14;
      return panelOf(panel, top);
    });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>What a delivery costs, by server</title>
<style>${STYLE}
</style>
${drawn.join('\n')}
</svg>
`;
};
