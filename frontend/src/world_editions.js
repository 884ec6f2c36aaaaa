// Two editions of one statistic: a row a country, a ring where the older edition puts it and a dot where the newer one
// does, with a line between them. A share that is only limited, or that nobody gives, has no mark.
import { NARROW, below, custom, key, hidden, lines, steps, tooltip } from "./drawing.js";

const ROW = 40;
const HEAD = 30;

export function editions(data, { colours, width }) {
  const narrow = width < NARROW;
  const left = narrow ? 118 : 210;
  const right = narrow ? 20 : 36;
  const legend = key(
    [
      { mark: "\u25cb", label: data.words.old, colour: colours.muted },
      { mark: "\u25cf", label: data.words.new, colour: colours.known },
    ],
    width,
    colours,
  );
  const letters = Math.floor((left - 14) / 6.7);
  let total = 0;
  const rows = data.groups.flatMap((group) => {
    total += HEAD;
    return group.rows.map((row) => {
      total += ROW;
      return { ...row, at: total - ROW / 2 };
    });
  });
  const heads = data.groups.map((group, index) => ({ label: group.label, at: data.groups.slice(0, index).reduce((sum, one) => sum + HEAD + one.rows.length * ROW, 0) + HEAD / 2 }));
  const interval = steps(0, data.reach || 1, narrow ? 2 : 5);
  const reach = Math.ceil((data.reach || 1) / interval - 1e-9) * interval;
  const both = rows.filter((row) => row.old !== null && row.new !== null);
  const dots = (name, field, style) => ({
    type: "scatter",
    name,
    symbol: "circle",
    symbolSize: 12,
    data: rows.filter((row) => row[field] !== null).map((row) => ({ value: [row[field], row.at], told: row.told, itemStyle: { opacity: 1, ...style } })),
  });
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
        custom("heads", heads, (one, params) => {
          const { x, y } = params.coordSys;
          return [{ type: "text", x: x - left + 2, y: y + one.at, style: { text: lines(one.label, 60, 1)[0] ?? "", fill: colours.ink, font: `600 13px ${colours.font}`, verticalAlign: "middle" } }];
        }, { silent: true, clip: false }),
        custom("names", rows, (one, params) => {
          const { x, y } = params.coordSys;
          const said = [...lines(one.label, letters, 1), { line: lines(one.said, letters + 2, 1)[0] ?? "" }];
          return said.map((line, number) => ({
            type: "text",
            x: x - left + 2,
            y: y + one.at + (number - 0.5) * 15,
            style: { text: line.line ?? line, fill: line.line === undefined ? colours.ink : colours.muted, font: `400 12px ${colours.font}`, verticalAlign: "middle" },
          }));
        }, { silent: true, clip: false }),
        custom("moved", both, (one, params, api) => {
          const [[from, y], [to]] = [api.coord([one.old, one.at]), api.coord([one.new, one.at])];
          return [{ type: "line", silent: true, shape: { x1: from, x2: to, y1: y, y2: y }, style: { stroke: colours.other, lineWidth: 3, opacity: 0.7 } }];
        }, { silent: true }),
        dots("older", "old", { color: colours.paper, borderColor: colours.muted, borderWidth: 2.5 }),
        dots("newer", "new", { color: colours.known }),
      ],
    },
  };
}
