// The account of an element over time, two frames a place: what came above the line and what went below it, and under
// that the stock. Bars are reconciled; a dash is what was recorded. What is unknown is hatched, never nothing.
import { NARROW, custom, hatched, key, lines, plain, quiet, steps, text, tooltip } from "./drawing.js";

const FLOWS = 118;
const STOCK = 46;
const GAP = 14;
const PITCH = FLOWS + GAP + STOCK + 66;

export function account(data, { colours, width }) {
  const narrow = width < NARROW;
  const left = 54;
  const right = narrow ? 12 : 20;
  const legend = key(
    [
      ...data.lines.map((line) => ({ mark: "\u25a0", label: line.label, colour: colours[line.tone] })),
      { mark: "\u2013", label: data.words.recorded, colour: colours.ink },
      { mark: "\u25ac", label: data.words.stock, colour: colours.muted },
    ],
    width,
    colours,
  );
  const top = (index) => legend.height + 34 + index * PITCH;
  const boxes = data.sites.flatMap((_, index) => [
    { left, right, top: top(index), height: FLOWS },
    { left, right, top: top(index) + FLOWS + GAP, height: STOCK },
  ]);
  const every = Math.max(0, Math.ceil(data.periods.length / (narrow ? 4 : 9)) - 1);
  const hatching = (periods, axis) =>
    custom("unknown", periods.map((period) => [period, 0]), ([period], params, api) => {
      const { y, height } = params.coordSys;
      const wide = api.size([1, 0])[0];
      return hatched({ x: api.coord([period, 0])[0] - wide / 2, y, width: wide, height }, colours);
    }, { silent: true, xAxisIndex: axis, yAxisIndex: axis });
  const category = (gridIndex, labelled) => ({
    gridIndex,
    type: "category",
    data: data.periods,
    axisLine: { show: true, onZero: true, lineStyle: { color: colours.muted } },
    axisTick: { show: false },
    axisLabel: { ...quiet(colours), show: labelled, hideOverlap: true, alignMinLabel: "left", alignMaxLabel: "right", interval: every },
  });
  const amount = (gridIndex, min, max, interval, showMinLabel = true) => ({
    gridIndex,
    type: "value",
    min,
    max,
    interval,
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { ...quiet(colours), formatter: (value) => plain(Math.abs(value)), hideOverlap: true, showMinLabel },
    splitLine: { lineStyle: { color: colours.rule } },
  });
  // Whole steps to both sides, so that a line stands at zero.
  const flows = (gridIndex, site) => {
    const step = steps(0, Math.max(site.low, site.high) || 1, 2);
    return amount(gridIndex, -Math.ceil(site.low / step - 1e-9) * step, Math.ceil((site.high || step) / step - 1e-9) * step, step, false);
  };
  return {
    height: top(data.sites.length - 1) + PITCH - 30,
    option: {
      textStyle: { fontFamily: colours.font },
      tooltip: { trigger: "item", ...tooltip(colours) },
      title: [
        legend.title,
        ...data.sites.map((site, index) => ({
          text: `{name|${lines(site.label, Math.floor((width - 60) / 7.6), 1).join(" ")}}{unit|  ${data.words.unit}}`,
          left: 0,
          top: top(index) - 28,
          padding: 0,
          textStyle: { ...text(colours, 13), rich: { name: { ...text(colours, 13), fontWeight: 600 }, unit: quiet(colours) } },
        })),
      ],
      grid: boxes,
      xAxis: data.sites.flatMap((_, index) => [category(2 * index, false), category(2 * index + 1, true)]),
      yAxis: data.sites.flatMap((site, index) => [
        flows(2 * index, site),
        amount(2 * index + 1, 0, site.most || 1, site.most || 1),
      ]),
      series: data.sites.flatMap((site, index) => [
        hatching(site.unknown, 2 * index),
        ...data.lines.map((line, number) => ({
          type: "bar",
          name: line.name,
          stack: `${index}`,
          xAxisIndex: 2 * index,
          yAxisIndex: 2 * index,
          barCategoryGap: "22%",
          itemStyle: { color: colours[line.tone] },
          data: site.bars[number].map((value, period) => ({ value, told: site.told[period] })),
        })),
        custom("recorded", site.recorded.flatMap((pair, period) => pair.filter((value) => value !== null).map((value) => [period, value])), ([period, value], params, api) => {
          const wide = Math.max(api.size([1, 0])[0] * 0.94, 4);
          const [x, y] = api.coord([period, value]);
          return [{ type: "line", silent: true, shape: { x1: x - wide / 2, x2: x + wide / 2, y1: y, y2: y }, style: { stroke: colours.ink, lineWidth: 1.4 } }];
        }, { silent: true, xAxisIndex: 2 * index, yAxisIndex: 2 * index }),
        hatching(site.unknown_stock, 2 * index + 1),
        {
          type: "line",
          name: "stock",
          step: "middle",
          xAxisIndex: 2 * index + 1,
          yAxisIndex: 2 * index + 1,
          symbol: "none",
          silent: true,
          connectNulls: false,
          lineStyle: { color: colours.muted, width: 1.4 },
          areaStyle: { color: colours.muted, opacity: 0.22 },
          data: site.stock,
        },
      ]),
    },
  };
}
