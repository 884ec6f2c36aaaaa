// Draws the charts of a report from the data the page carries, in the colours of its theme. It never asks the network.
import * as echarts from "echarts/core";
import { BarChart, LinesChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GeoComponent, GridComponent, TitleComponent, TooltipComponent } from "echarts/components";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";

import { drawers } from "./charts.js";
import { outlines } from "./outlines.js";
import { palette } from "./palette.js";

echarts.use([
  AriaComponent,
  BarChart,
  GeoComponent,
  GridComponent,
  LabelLayout,
  LinesChart,
  ScatterChart,
  SVGRenderer,
  TitleComponent,
  TooltipComponent,
]);
echarts.registerMap("world", outlines);

const charts = new Map();
const dark = matchMedia("(prefers-color-scheme: dark)");
const still = matchMedia("(prefers-reduced-motion: reduce)");

function draw() {
  const colours = palette();
  for (const [frame, drawn] of charts) {
    // A page that is not laid out (a hidden frame, a closing window) has no room to draw in; it is drawn when it has.
    if (frame.clientWidth === 0) continue;
    const { option, height } = drawers[drawn.spec.kind](drawn.spec.data, { colours, width: frame.clientWidth });
    // Made anew each time: a map with a projection of its own does not survive a change of size.
    drawn.chart?.dispose();
    frame.style.height = `${height}px`;
    drawn.chart = echarts.init(frame, null, { renderer: "svg", width: frame.clientWidth, height });
    drawn.chart.setOption({ animation: false, aria: { enabled: false }, ...option });
  }
}

function start() {
  const specs = JSON.parse(document.getElementById("report-charts").textContent);
  for (const spec of specs) {
    const frame = document.querySelector(`[data-chart="${CSS.escape(spec.name)}"]`);
    if (!frame || !(spec.kind in drawers)) throw new Error(`no place or no drawer for the chart ${spec.name}`);
    // Shown before it is drawn: a frame that is not laid out has no width.
    frame.closest("figure").classList.add("drawn");
    charts.set(frame, { spec, chart: null });
  }
  draw();
  let width = document.documentElement.clientWidth;
  addEventListener("resize", () => {
    if (document.documentElement.clientWidth === width) return;
    width = document.documentElement.clientWidth;
    draw();
  });
  dark.addEventListener("change", draw);
  addEventListener("beforeprint", draw);
  addEventListener("afterprint", draw);
}

function themeSwitch() {
  const button = document.querySelector("[data-theme-switch]");
  if (!button) return;
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const say = () => button.setAttribute("aria-pressed", String(isDark()));
  button.hidden = false;
  say();
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    if (!still.matches) root.classList.add("turning");
    say();
    draw();
  });
}

// Tests and curious readers: what each chart was drawn from.
window.lodeline = {
  charts: () => [...charts.values()].map(({ chart, spec }) => ({ name: spec.name, kind: spec.kind, option: chart.getOption() })),
};

themeSwitch();
start();
