// Shares two ways: a row a country or a delivery, one bar for who shipped it and one for where it was mined, and over that
// a line from the least to the most. What nobody knows is hatched, never nothing.
import { NARROW, below, custom, hatched, key, hidden, lines, steps, tooltip } from "./drawing.js";

const LINE = 15;
const BAR = 12;

export function shares(data, { colours, width }) {
  const narrow = width < NARROW;
  const left = narrow ? 124 : 236;
  const right = narrow ? 18 : 30;
  const letters = Math.floor((left - 14) / 6.7);
  const entries = [
    { mark: "\u25a0", label: data.words.direct, colour: colours.known },
    ...(data.words.traced ? [{ mark: "\u25a0", label: data.words.traced, colour: colours.accent }] : []),
    ...(data.words.limits ? [{ mark: "\u251c\u2500\u2524", label: data.words.limits, colour: colours.ink }] : []),
    ...(data.words.open ? [{ mark: "\u25a8", label: data.words.open, colour: colours.unknown }] : []),
  ];
  const legend = key(entries, width, colours);
  const names = data.rows.map((row) => [...lines(row.label, letters, 3), ...lines(row.said, letters + 1, 2).map((line) => ({ line }))]);
  const heights = data.rows.map((_, index) => Math.max(2 * BAR + 20, names[index].length * LINE + 12));
  const tops = heights.map((_, index) => heights.slice(0, index).reduce((sum, one) => sum + one, 0));
  const total = heights.reduce((sum, one) => sum + one, 0);
  const interval = steps(0, data.reach || 1, narrow ? 2 : 5);
  const reach = Math.ceil((data.reach || 1) / interval - 1e-9) * interval;
  const marks = data.rows.map((row, index) => ({ ...row, at: tops[index] + heights[index] / 2, value: [row.traced ?? row.direct ?? 0, tops[index] + heights[index] / 2] }));
  const bar = (api, one, value, shift, style) => {
    const [[from, y], [to]] = [api.coord([0, one.at + shift]), api.coord([Math.max(value, 0), one.at + shift])];
    return { type: "rect", shape: { x: from, y: y - BAR / 2, width: Math.max(to - from, 1), height: BAR }, style };
  };
  return {
    height: legend.height + total + 66,
    option: {
      textStyle: { fontFamily: colours.font },
      title: legend.title,
      tooltip: { trigger: "item", ...tooltip(colours) },
      grid: { left, right, top: legend.height + 8, height: total },
      xAxis: below(colours, data.words.x, { min: 0, max: reach, interval }),
      yAxis: hidden(total),
      series: [
        custom("names", marks, (one, params) => {
          const { x, y, width: wide } = params.coordSys;
          const index = params.dataIndex;
          return [
            index > 0 && { type: "line", shape: { x1: x - left + 2, x2: x + wide, y1: y + tops[index], y2: y + tops[index] }, style: { stroke: colours.rule, lineWidth: 1 } },
            ...names[index].map((line, number) => ({
              type: "text",
              x: x - left + 2,
              y: y + one.at + (number - (names[index].length - 1) / 2) * LINE,
              style: { text: line.line ?? line, fill: line.line ? colours.muted : colours.ink, font: `${line.line ? 400 : 600} 12px ${colours.font}`, verticalAlign: "middle" },
            })),
          ];
        }, { silent: true, clip: false }),
        custom("shares", marks, (one, params, api) => {
          if (one.tone === "none") {
            const { x, width: wide } = params.coordSys;
            const box = { x, y: api.coord([0, one.at])[1] - BAR, width: wide, height: 2 * BAR };
            return [{ type: "rect", shape: box, style: { fill: colours.wash, stroke: colours.unknown, lineWidth: 1, lineDash: [4, 3] } }, ...hatched(box, colours)];
          }
          const open = one.tone === "unknown";
          const upper = bar(api, one, one.direct ?? 0, -BAR / 2 - 1, { fill: colours.known });
          const lower = bar(api, one, one.traced ?? 0, one.direct === null ? 0 : BAR / 2 + 1, { fill: open ? colours.wash : colours.accent, stroke: open ? colours.hatch : "none", lineWidth: 1 });
          return [one.direct !== null && upper, one.traced !== null && lower, ...(open && one.traced !== null ? hatched(lower.shape, colours) : [])];
        }),
        custom("limits", marks, (one, params, api) => {
          if (!one.limits) return [];
          const at = one.at + (one.direct === null ? 0 : BAR / 2 + 1);
          const [[low, y], [high]] = one.limits.map((end) => api.coord([Math.min(end, reach), at]));
          const style = { stroke: colours.ink, lineWidth: 1.6 };
          return [
            { type: "line", silent: true, shape: { x1: low, x2: high, y1: y, y2: y }, style },
            ...[low, high].map((x) => ({ type: "line", silent: true, shape: { x1: x, x2: x, y1: y - 5, y2: y + 5 }, style })),
          ];
        }, { silent: true, clip: false }),
      ],
    },
  };
}
