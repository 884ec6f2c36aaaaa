// Where metal is from: a row a country, its share as a bar, and from the least to the most it can be as a line over it.
import { NARROW, below, custom, hatched, hidden, lines, tooltip } from "./drawing.js";

const ROW = 46;

export function origins(data, { colours, width }) {
  const narrow = width < NARROW;
  const left = narrow ? 104 : 190;
  const letters = Math.floor((left - 12) / 6.8);
  const total = data.rows.length * ROW;
  const marks = data.rows.map((row, index) => ({ ...row, at: (index + 0.5) * ROW, value: [row.share, (index + 0.5) * ROW] }));
  const end = (one, api, share, shift) => api.coord([share, one.at + shift]);
  return {
    height: total + 62,
    option: {
      textStyle: { fontFamily: colours.font },
      tooltip: { trigger: "item", ...tooltip(colours) },
      grid: { left, right: narrow ? 18 : 30, top: 8, height: total },
      xAxis: below(colours, data.words.x, { min: 0, max: 100, interval: narrow ? 50 : 20, label: {} }),
      yAxis: hidden(total),
      series: [
        custom("names", marks, (one, params) => {
          const { x, y } = params.coordSys;
          const said = [...lines(one.label, letters, 2).map((line) => ({ line, bold: true })), { line: one.said }];
          return said.map(({ line, bold }, number) => ({
            type: "text",
            x: x - left + 2,
            y: y + one.at + (number - (said.length - 1) / 2) * 15,
            style: { text: line, fill: bold ? colours.ink : colours.muted, font: `${bold ? 600 : 400} 12px ${colours.font}`, verticalAlign: "middle" },
          }));
        }, { silent: true, clip: false }),
        custom("shares", marks, (one, _, api) => {
          const [from, to] = [end(one, api, 0, -8), end(one, api, one.share, 8)];
          const box = { x: from[0], y: from[1], width: Math.max(to[0] - from[0], 1), height: to[1] - from[1] };
          const open = one.tone === "unknown";
          return [
            { type: "rect", shape: box, style: { fill: open ? colours.wash : colours.accent, stroke: open ? colours.hatch : "none", lineWidth: 1 } },
            ...(open ? hatched(box, colours) : []),
          ];
        }),
        custom("limits", marks, (one, _, api) => {
          if (!one.limits) return [];
          const style = { stroke: colours.known, lineWidth: 2 };
          const [[low, y], [high]] = [end(one, api, one.limits[0], 0), end(one, api, one.limits[1], 0)];
          return [
            { type: "line", silent: true, shape: { x1: low, x2: high, y1: y, y2: y }, style },
            ...[low, high].map((x) => ({ type: "line", silent: true, shape: { x1: x, x2: x, y1: y - 7, y2: y + 7 }, style })),
          ];
        }, { silent: true }),
      ],
    },
  };
}
