/**
 * Many rounds as one: the median of each figure, its least and its greatest, and its ratio to the floor's, which is the median of the
 * rounds' own ratios, since what ran side by side is compared.
 */
const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** `rounds` are records of figures, `base` those of the server to compare with, round by round. */
export const summarise = (rounds, base) =>
  Object.fromEntries(
    Object.keys(rounds[0]).map((key) => {
      const values = rounds.map((round) => round[key]);
      const ratios = values.map((value, n) => value / base?.[n]?.[key]).filter(Number.isFinite);
      return [
        key,
        {
          median: median(values),
          least: Math.min(...values),
          greatest: Math.max(...values),
          ...(ratios.length === 0 ? {} : { ratio: median(ratios) }),
          rounds: values,
        },
      ];
    }),
  );
