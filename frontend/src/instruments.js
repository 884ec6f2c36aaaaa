// What instruments are off by: a row an instrument, in it one line a calibration. The band is what was known before, the
// bar what the books say; one that the data cannot tell is grey.
import { NARROW, below, custom, hidden, lines, steps, text, tooltip } from "./drawing.js";

const LINE = 13;

export function instruments(data, { colours, width }) {
  const narrow = width < NARROW;
  const left = narrow ? 118 : 236;
  const letters = Math.floor((left - 16) / 6.8);
  const names = data.rows.map((row) => [...lines(row.label, letters, 3), ...(row.said ? lines(row.said, letters + 1, 2).map((line) => ({ line })) : [])]);
  const heights = data.rows.map((row, index) => Math.max(row.marks.length * LINE + 14, names[index].length * 15 + 12));
  const tops = heights.map((_, index) => heights.slice(0, index).reduce((sum, one) => sum + one, 0));
  const total = heights.reduce((sum, one) => sum + one, 0);
  const marks = data.rows.flatMap((row, index) =>
    row.marks.map((mark, line) => ({
      ...mark,
      at: tops[index] + heights[index] / 2 + (line - (row.marks.length - 1) / 2) * LINE,
      value: [mark.estimate, tops[index] + heights[index] / 2 + (line - (row.marks.length - 1) / 2) * LINE],
    })),
  );
  const interval = steps(0, data.reach, narrow ? 2 : 4);
  const reach = Math.ceil(data.reach / interval - 1e-9) * interval;
  const seen = (number) => Math.max(-reach, Math.min(reach, number));
  return {
    height: total + 62,
    option: {
      textStyle: { fontFamily: colours.font },
      tooltip: { trigger: "item", ...tooltip(colours) },
      grid: { left, right: narrow ? 14 : 24, top: 8, height: total },
      xAxis: below(colours, data.words.x, { min: -reach, max: reach, interval, label: { showMinLabel: false, showMaxLabel: false } }),
      yAxis: hidden(total),
      series: [
        custom("names", data.rows.map((_, index) => [0, tops[index] + heights[index] / 2, index]), (one, params) => {
          const { x, y, width: wide } = params.coordSys;
          const index = one[2];
          const middle = y + tops[index] + heights[index] / 2;
          return [
            index > 0 && { type: "line", shape: { x1: x - left + 2, x2: x + wide, y1: y + tops[index], y2: y + tops[index] }, style: { stroke: colours.rule, lineWidth: 1 } },
            ...names[index].map((line, number) => ({
              type: "text",
              x: x - left + 2,
              y: middle + (number - (names[index].length - 1) / 2) * 15,
              style: {
                text: line.line ?? line,
                fill: line.line ? colours.muted : colours.ink,
                font: `${line.line ? 400 : 600} 12px ${colours.font}`,
                verticalAlign: "middle",
              },
            })),
          ];
        }, { silent: true, clip: false }),
        custom("known before", marks, (one, params, api) => {
          const [low, high] = [api.coord([seen(one.low), one.at]), api.coord([seen(one.high), one.at])];
          return [{ type: "rect", silent: true, shape: { x: low[0], y: low[1] - LINE / 2 + 1, width: Math.max(high[0] - low[0], 1), height: LINE - 2 }, style: { fill: one.tone === "unknown" ? colours.wash : colours.accent, opacity: one.tone === "unknown" ? 1 : 0.26, stroke: one.tone === "unknown" ? colours.rule : "none", lineWidth: 0.75 } }];
        }, { silent: true }),
        custom("zero", [0], (_, params, api) => {
          const { y, height } = params.coordSys;
          const [x] = api.coord([0, 0]);
          return [{ type: "line", silent: true, shape: { x1: x, x2: x, y1: y, y2: y + height }, style: { stroke: colours.muted, lineWidth: 1 } }];
        }, { silent: true }),
        custom("intervals", marks, (one, params, api) => {
          const [from, to] = [api.coord([seen(one.from), one.at]), api.coord([seen(one.to), one.at])];
          return [{ type: "line", silent: true, shape: { x1: from[0], x2: to[0], y1: from[1], y2: to[1] }, style: { stroke: colours[one.tone], lineWidth: one.tone === "unknown" ? 1 : 2 } }];
        }, { silent: true }),
        {
          type: "scatter",
          name: "estimates",
          data: marks.map((one) => ({
            value: [seen(one.estimate), one.at],
            told: one.told,
            symbol: one.tone === "other" ? "diamond" : "circle",
            symbolSize: one.tone === "other" ? 12 : one.tone === "unknown" ? 5 : 8,
            itemStyle: { color: colours[one.tone], opacity: 1 },
          })),
        },
      ],
    },
  };
}
