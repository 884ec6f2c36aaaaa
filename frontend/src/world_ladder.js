// A ladder from gross to net: a bar a rung with its range over it, the first one on top. A rung that nobody can give is
// hatched over its whole width and says what it lacks; below nothing a bar leads to the left in another colour.
import { NARROW, below, custom, hatched, hidden, lines, steps, tooltip } from "./drawing.js";

const LINE = 15;
const BAR = 18;

export function ladder(data, { colours, width }) {
  const narrow = width < NARROW;
  const left = narrow ? 118 : 210;
  const right = narrow ? 14 : 30;
  const inner = width - left - right;
  const letters = Math.floor((left - 14) / 6.7);
  const names = data.rungs.map((one) => [...lines(one.label, letters, 2), ...(one.said ? lines(one.said, letters + 1, 2).map((line) => ({ line })) : [])]);
  const lacks = data.rungs.map((one) => (one.value === null && one.limits === null ? lines(one.lacks, Math.floor((inner - 20) / 6.7), 4) : []));
  const heights = data.rungs.map((_, index) => Math.max(BAR + 14, names[index].length * LINE + 10, lacks[index].length * LINE + 12));
  const tops = heights.map((_, index) => heights.slice(0, index).reduce((sum, one) => sum + one, 0));
  const total = heights.reduce((sum, one) => sum + one, 0);
  const interval = steps(data.low, data.high || 1, narrow ? 2 : 5);
  const low = Math.floor(data.low / interval + 1e-9) * interval;
  const high = Math.ceil((data.high || 1) / interval - 1e-9) * interval;
  const marks = data.rungs.map((one, index) => ({ ...one, index, at: tops[index] + heights[index] / 2, value: [one.value ?? 0, tops[index] + heights[index] / 2], usd: one.value }));
  return {
    height: total + 62,
    option: {
      textStyle: { fontFamily: colours.font },
      tooltip: { trigger: "item", ...tooltip(colours) },
      grid: { left, right, top: 8, height: total },
      xAxis: below(colours, data.words.x, { min: low, max: high, interval }),
      yAxis: hidden(total),
      series: [
        custom("names", marks, (one, params) => {
          const { x, y } = params.coordSys;
          return names[one.index].map((line, number) => ({
            type: "text",
            x: x - left + 2,
            y: y + one.at + (number - (names[one.index].length - 1) / 2) * LINE,
            style: { text: line.line ?? line, fill: line.line ? colours.muted : colours.ink, font: `${line.line ? 400 : 600} 12px ${colours.font}`, verticalAlign: "middle" },
          }));
        }, { silent: true, clip: false }),
        custom("rungs", marks, (one, params, api) => {
          if (one.usd === null && one.limits === null) {
            const { x, width: wide } = params.coordSys;
            const tall = heights[one.index] - 6;
            const y = api.coord([0, one.at])[1];
            const box = { x, y: y - tall / 2, width: wide, height: tall };
            return [
              { type: "rect", shape: box, style: { fill: colours.wash, stroke: colours.unknown, lineWidth: 1, lineDash: [4, 3] } },
              ...hatched(box, colours),
              ...lacks[one.index].map((line, number) => ({
                type: "text",
                silent: true,
                x: x + 10,
                y: y + (number - (lacks[one.index].length - 1) / 2) * LINE,
                style: { text: line, fill: colours.ink, font: `600 12px ${colours.font}`, verticalAlign: "middle", stroke: colours.wash, lineWidth: 4 },
              })),
            ];
          }
          if (one.usd === null) return [];
          const [[zero, y], [end]] = [api.coord([0, one.at]), api.coord([one.usd, one.at])];
          const shape = { x: Math.min(zero, end), y: y - BAR / 2, width: Math.max(Math.abs(end - zero), 1), height: BAR };
          return [{ type: "rect", shape, style: { fill: one.usd < 0 ? colours.other : colours.accent } }];
        }),
        custom("ranges", marks, (one, params, api) => {
          if (!one.limits) return [];
          const [[from, y], [to]] = one.limits.map((end) => api.coord([end, one.at]));
          const style = { stroke: colours.ink, lineWidth: 1.6 };
          return [
            { type: "line", silent: true, shape: { x1: from, x2: to, y1: y, y2: y }, style },
            ...[from, to].map((x) => ({ type: "line", silent: true, shape: { x1: x, x2: x, y1: y - 6, y2: y + 6 }, style })),
          ];
        }, { silent: true, clip: false }),
      ],
    },
  };
}
