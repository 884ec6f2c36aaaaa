// The control chart of closure: above, what is missing in each period in its own standard uncertainty, over bands of one,
// two and three; below, Page's sums with the limit that they are held against. An unknown period is hatched, never zero.
import { NARROW, custom, hatched, plain, quiet, steps, text, tooltip } from "./drawing.js";

const TOP = 210;
const LOW = 120;
const BETWEEN = 66;

export function closure(data, { colours, width }) {
  const narrow = width < NARROW;
  const left = 44;
  const right = narrow ? 12 : 20;
  const periods = data.points.map((one) => one.period);
  const boxes = [
    { left, right, top: 30, height: TOP },
    { left, right, top: 30 + TOP + BETWEEN, height: LOW },
  ];
  const category = (gridIndex) => ({
    gridIndex,
    type: "category",
    data: periods,
    axisLine: { show: true, onZero: false, lineStyle: { color: colours.muted } },
    axisTick: { show: false },
    axisLabel: { ...quiet(colours), hideOverlap: true, alignMinLabel: "left", alignMaxLabel: "right", interval: Math.max(0, Math.ceil(periods.length / (narrow ? 4 : 9)) - 1) },
  });
  const amount = (gridIndex, reach, interval) => ({
    gridIndex,
    type: "value",
    min: -reach,
    max: reach,
    interval,
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { ...quiet(colours), formatter: plain, showMinLabel: false, showMaxLabel: gridIndex === 1 },
    splitLine: { show: false },
  });
  const seen = (number, reach) => (number === null ? null : Math.max(-reach, Math.min(reach, number)));
  const gaps = data.points.map((one, index) => ({ one, index })).filter(({ one }) => one.state === "unknown").map(({ index }) => [index, 0]);
  const hatching = (xAxisIndex) =>
    custom("unknown", gaps, ([index], params, api) => {
      const { y, height } = params.coordSys;
      const wide = api.size([1, 0])[0];
      const [x] = api.coord([index, 0]);
      return hatched({ x: x - wide / 2, y, width: wide, height }, colours);
    }, { silent: true, xAxisIndex, yAxisIndex: xAxisIndex });
  const level = (name, gridIndex, values, style) =>
    custom(name, values.map((value) => [0, value]), ([, value], params, api) => {
      const { x, width: wide } = params.coordSys;
      const [, y] = api.coord([0, value]);
      return [{ type: "line", silent: true, shape: { x1: x, x2: x + wide, y1: y, y2: y }, style }];
    }, { silent: true, xAxisIndex: gridIndex, yAxisIndex: gridIndex });
  const sums = (name, values, sign, colour) => ({
    type: "line",
    name,
    xAxisIndex: 1,
    yAxisIndex: 1,
    silent: true,
    symbol: "none",
    step: "middle",
    lineStyle: { color: colour, width: 2 },
    areaStyle: { color: colour, opacity: 0.14 },
    data: values.map((value) => (value === null ? null : sign * value)),
  });
  const limited = data.limit !== null;
  // Whole steps to both sides, so that a line stands at zero.
  const step = steps(0, data.sums, 2);
  const most = Math.ceil(data.sums / step - 1e-9) * step;
  // From a point to the next, unless what lies between them is unknown.
  const known = data.points.map((one, index) => ({ one, index })).filter(({ one }) => one.state === "known");
  const joined = known.slice(1).map((to, number) => ({ from: known[number], to })).filter(({ from, to }) => !data.points.slice(from.index, to.index).some((one) => one.state === "unknown"));
  const held = { loss: [], gain: [] };
  let last = { loss: 0, gain: 0 };
  for (const one of data.points) {
    // Page's sums stay as they are over a period without a value.
    if (one.state === "known") last = one;
    for (const side of ["loss", "gain"]) held[side].push(last[side]);
  }
  return {
    height: 30 + TOP + BETWEEN + LOW + 34,
    option: {
      textStyle: { fontFamily: colours.font },
      tooltip: { trigger: "item", ...tooltip(colours) },
      title: [data.words.above, data.words.below].map((said, index) => ({
        text: said,
        left: 0,
        top: boxes[index].top - 28,
        padding: 0,
        textStyle: { ...text(colours, 13), fontWeight: 600, width: width - 4, overflow: "truncate" },
      })),
      grid: boxes,
      xAxis: [category(0), category(1)],
      yAxis: [amount(0, data.reach, data.reach > 5 ? 2 : 1), amount(1, most, step)],
      series: [
        custom("bands", [...data.bands].reverse().map((times) => [0, times]), ([, times], params, api) => {
          const { x, width: wide } = params.coordSys;
          const [, above] = api.coord([0, Math.min(times, data.reach)]);
          const [, below] = api.coord([0, -Math.min(times, data.reach)]);
          return [{ type: "rect", silent: true, shape: { x, y: above, width: wide, height: below - above }, style: { fill: colours.accent, opacity: 0.11 } }];
        }, { silent: true, xAxisIndex: 0, yAxisIndex: 0 }),
        hatching(0),
        level("zero", 0, [0], { stroke: colours.muted, lineWidth: 1 }),
        custom("from one to the next", joined.map(({ from, to }) => [from.index, seen(from.one.sigma, data.reach), to.index, seen(to.one.sigma, data.reach)]), ([x1, y1, x2, y2], params, api) => {
          const [from, to] = [api.coord([x1, y1]), api.coord([x2, y2])];
          return [{ type: "line", silent: true, shape: { x1: from[0], y1: from[1], x2: to[0], y2: to[1] }, style: { stroke: colours.known, lineWidth: 1.2, opacity: 0.5 } }];
        }, { silent: true, xAxisIndex: 0, yAxisIndex: 0 }),
        {
          type: "scatter",
          name: "missing",
          xAxisIndex: 0,
          yAxisIndex: 0,
          data: known.map(({ one, index }) => ({
            value: [index, seen(one.sigma, data.reach)],
            told: one.told,
            symbol: Math.abs(one.sigma) > data.reach ? "triangle" : "circle",
            symbolRotate: one.sigma < 0 ? 180 : 0,
            symbolSize: one.outside > 1 ? 10 : 8,
            itemStyle: { color: one.outside > 2 ? colours.other : one.outside > 1 ? colours.paper : colours.known, borderColor: one.outside > 1 ? colours.other : colours.known, borderWidth: one.outside > 1 ? 2 : 0, opacity: 1 },
          })),
        },
        hatching(1),
        level("nothing", 1, [0], { stroke: colours.muted, lineWidth: 1 }),
        level("limit", 1, limited ? [data.limit, -data.limit] : [], { stroke: colours.other, lineWidth: 1.2, lineDash: [6, 4] }),
        sums("loss", held.loss, 1, colours.other),
        sums("gain", held.gain, -1, colours.gain),
        {
          type: "scatter",
          name: "alarms",
          xAxisIndex: 1,
          yAxisIndex: 1,
          symbol: "diamond",
          symbolSize: 11,
          data: data.points
            .map((one, index) => ({ one, index }))
            .filter(({ one }) => one.alarm)
            .map(({ one, index }) => ({
              value: [index, one.loss >= one.gain ? one.loss : -one.gain],
              told: one.told,
              itemStyle: { color: one.loss >= one.gain ? colours.other : colours.gain, opacity: 1 },
            })),
        },
        ...(limited
          ? [
              custom("limit said", [[0, data.limit]], ([, value], params, api) => {
                const { x, width: wide } = params.coordSys;
                const [, y] = api.coord([0, value]);
                return [{ type: "text", silent: true, x: x + wide - 2, y: y - 3, style: { text: data.words.limit, fill: colours.other, font: `600 12px ${colours.font}`, align: "right", verticalAlign: "bottom", stroke: colours.paper, lineWidth: 3 } }];
              }, { silent: true, xAxisIndex: 1, yAxisIndex: 1 }),
            ]
          : []),
      ],
    },
  };
}
