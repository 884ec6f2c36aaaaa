// Two laboratories on one lot: on the left (above, where it is narrow) one against the other with the line on which both
// find the same, on the right how far they are apart, in order of time, with their intervals.
import { NARROW, custom, plain, quiet, text, tooltip } from "./drawing.js";

const SIDE = 320;

export function assays(data, { colours, width }) {
  const narrow = width < NARROW;
  const gap = 72;
  const left = 74;
  const side = narrow ? Math.min(width - left - 14, SIDE) : Math.min(Math.round((width - left - gap) * 0.4), SIDE);
  const boxes = narrow
    ? [
        { left, top: 34, width: side, height: side },
        { left, top: side + 140, width: width - left - 14, height: 200 },
      ]
    : [
        { left, top: 34, width: side, height: side },
        { left: left + side + gap, top: 34, width: width - left - side - gap - 14, height: side },
      ];
  const value = {
    ...(data.log ? { type: "log" } : { type: "value" }),
    min: data.low,
    max: data.high,
    axisLine: { show: true, lineStyle: { color: colours.muted } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: colours.rule } },
    minorSplitLine: { show: false },
    axisLabel: { ...quiet(colours), formatter: plain, hideOverlap: true, ...(data.log ? { showMinLabel: false, showMaxLabel: false } : {}) },
    nameLocation: "middle",
    nameTextStyle: quiet(colours),
  };
  const tone = (one) => colours[one.tone];
  const points = data.points.map((one) => ({ ...one, value: [one.x, one.y] }));
  const order = data.points.map((one, index) => ({ ...one, value: [index, one.apart] }));
  const bar = (one, from, to, opacity = 0.75) =>
    [
      { type: "line", shape: { x1: from[0], y1: from[1], x2: to[0], y2: to[1] }, style: { stroke: tone(one), lineWidth: 1.2, opacity } },
    ];
  return {
    height: narrow ? side + 140 + 200 + 56 : side + 34 + 50,
    option: {
      textStyle: { fontFamily: colours.font },
      tooltip: { trigger: "item", ...tooltip(colours) },
      title: [data.words.against, data.words.apart].map((said, index) => ({
        text: said,
        left: boxes[index].left,
        top: boxes[index].top - 28,
        padding: 0,
        textStyle: { ...text(colours, 13), fontWeight: 600, width: boxes[index].width, overflow: "truncate" },
      })),
      grid: boxes,
      xAxis: [
        { ...value, gridIndex: 0, name: data.words.x, nameGap: 26 },
        {
          gridIndex: 1,
          type: "category",
          data: data.points.map((one) => one.at),
          axisLine: { show: true, onZero: false, lineStyle: { color: colours.muted } },
          axisTick: { show: false },
          axisLabel: { ...quiet(colours), hideOverlap: true, alignMinLabel: "left", alignMaxLabel: "right", interval: Math.max(0, Math.ceil(data.points.length / (narrow ? 3 : 5)) - 1) },
          name: data.words.time,
          nameLocation: "middle",
          nameGap: 26,
          nameTextStyle: quiet(colours),
        },
      ],
      yAxis: [
        { ...value, gridIndex: 0, name: data.words.y, nameGap: 46 },
        {
          gridIndex: 1,
          type: "value",
          min: -data.reach,
          max: data.reach,
          interval: data.reach / 2,
          axisLine: { show: false },
          axisTick: { show: false },
          axisLabel: { ...quiet(colours), formatter: plain },
          splitLine: { lineStyle: { color: colours.rule } },
        },
      ],
      series: [
        custom("the same", [[data.low, data.high]], ([low, high], params, api) => {
          const [from, to] = [api.coord([low, low]), api.coord([high, high])];
          return [{ type: "line", silent: true, shape: { x1: from[0], y1: from[1], x2: to[0], y2: to[1] }, style: { stroke: colours.muted, lineWidth: 1.2, lineDash: [5, 4] } }];
        }, { silent: true, xAxisIndex: 0, yAxisIndex: 0 }),
        custom("intervals", points, (one, params, api) => [
          ...bar(one, api.coord([one.xlow, one.y]), api.coord([one.xhigh, one.y])),
          ...bar(one, api.coord([one.x, one.ylow]), api.coord([one.x, one.yhigh])),
        ], { silent: true, xAxisIndex: 0, yAxisIndex: 0 }),
        {
          type: "scatter",
          name: "one against the other",
          symbolSize: 7,
          xAxisIndex: 0,
          yAxisIndex: 0,
          data: points.map((one) => ({ ...one, itemStyle: { color: tone(one), opacity: 0.9 } })),
        },
        custom("chance", [0], (_, params) => {
          const { x, y, width: wide, height } = params.coordSys;
          return [{ type: "line", silent: true, shape: { x1: x, x2: x + wide, y1: y + height / 2, y2: y + height / 2 }, style: { stroke: colours.muted, lineWidth: 1.2, lineDash: [5, 4] } }];
        }, { silent: true, xAxisIndex: 1, yAxisIndex: 1 }),
        custom("intervals apart", order, (one, params, api) => bar(one, api.coord([one.value[0], one.from]), api.coord([one.value[0], one.to]), one.to - one.from > 2 * data.reach ? 0.22 : 0.75), { silent: true, xAxisIndex: 1, yAxisIndex: 1 }),
        {
          type: "scatter",
          name: "apart",
          symbolSize: 7,
          xAxisIndex: 1,
          yAxisIndex: 1,
          data: order.map((one) => ({ ...one, value: [one.value[0], Math.max(-data.reach, Math.min(data.reach, one.apart))], itemStyle: { color: tone(one), opacity: 0.9 } })),
        },
      ],
    },
  };
}
