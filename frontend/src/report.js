// Draws the charts of a report from the data the page carries, in the colours of its theme. It never asks the network.
import * as echarts from "echarts/core";
import { BarChart, CustomChart, LineChart, LinesChart, SankeyChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GeoComponent, GridComponent, TitleComponent, TooltipComponent } from "echarts/components";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";

import { drawers } from "./charts.js";
import { outlines } from "./outlines.js";
import { palette } from "./palette.js";

echarts.use([
  AriaComponent,
  BarChart,
  CustomChart,
  GeoComponent,
  GridComponent,
  LabelLayout,
  LineChart,
  LinesChart,
  SankeyChart,
  ScatterChart,
  SVGRenderer,
  TitleComponent,
  TooltipComponent,
]);
echarts.registerMap("world", outlines);

const LEAST = 120;
const charts = new Map();
const dark = matchMedia("(prefers-color-scheme: dark)");
const still = matchMedia("(prefers-reduced-motion: reduce)");

function draw(within = document) {
  const colours = palette();
  for (const [frame, drawn] of charts) {
    if (!within.contains(frame)) continue;
    // A page that is not laid out (a hidden frame, a closing window) has no room to draw in; it is drawn when it has.
    if (frame.clientWidth === 0) continue;
    // A picture may need more room than a telephone has; it is then moved sideways in its frame, as a table is.
    const room = frame.parentElement.clientWidth;
    // A window that is being closed or measured may be a pixel wide; a map has no room in it.
    if (room < LEAST) continue;
    const { option, height, width = room } = drawers[drawn.spec.kind](drawn.spec.data, { colours, width: room });
    // Made anew each time: a map with a projection of its own does not survive a change of size.
    drawn.chart?.dispose();
    frame.style.height = `${height}px`;
    frame.style.width = `${width}px`;
    drawn.chart = echarts.init(frame, null, { renderer: "svg", width, height });
    drawn.chart.setOption({ animation: false, aria: { enabled: false }, ...option });
    // With it a drawing can be made smaller as a whole, as on paper.
    frame.querySelector("svg").setAttribute("viewBox", `0 0 ${width} ${height}`);
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
  dark.addEventListener("change", () => draw());
  // On paper every panel is shown, and so has to be drawn.
  addEventListener("beforeprint", () => {
    document.documentElement.classList.add("paper");
    draw();
  });
  addEventListener("afterprint", () => {
    document.documentElement.classList.remove("paper");
    draw();
  });
}

// Panels of which a screen shows one: a row of tabs chooses it. Without this script all of them stand one below another.
function choices() {
  for (const choice of document.querySelectorAll("[data-choice]")) {
    const panels = [...choice.querySelectorAll(":scope > .panel")];
    const list = document.createElement("div");
    list.className = "tabs";
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", choice.dataset.choice);
    const tabs = panels.map((panel) => {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panel.id);
      tab.textContent = panel.dataset.label;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-label", panel.dataset.label);
      list.append(tab);
      return tab;
    });
    const choose = (chosen, focus) => {
      tabs.forEach((tab, index) => {
        tab.setAttribute("aria-selected", String(index === chosen));
        tab.tabIndex = index === chosen ? 0 : -1;
        panels[index].classList.toggle("off", index !== chosen);
      });
      if (focus) tabs[chosen].focus();
      draw(panels[chosen]);
    };
    tabs.forEach((tab, index) => {
      tab.addEventListener("click", () => choose(index, false));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step) choose((index + step + tabs.length) % tabs.length, true);
      });
    });
    panels[0].before(list);
    choice.classList.add("chosen");
    choose(0, false);
  }
}

// The option a chart has, or would have if its panel were shown.
function optionOf({ chart, spec }) {
  return chart ? chart.getOption() : drawers[spec.kind](spec.data, { colours: palette(), width: 1000 }).option;
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
  charts: () => [...charts.values()].map((one) => ({ name: one.spec.name, kind: one.spec.kind, option: optionOf(one) })),
};

themeSwitch();
choices();
start();
