// One drawer a kind of chart: data and the width at hand in, an ECharts option and a height out.
// No figure and no sentence is made here: every text and number comes with the data.
import { account } from "./account.js";
import { assays } from "./assays.js";
import { closure } from "./closure.js";
import { NARROW, hatch, lines, text, tooltip } from "./drawing.js";
import { instruments } from "./instruments.js";
import { origins } from "./origins.js";
import { middle, projection } from "./outlines.js";
import { editions } from "./world_editions.js";
import { ladder } from "./world_ladder.js";
import { shares } from "./world_shares.js";


// A leg as an arc that bulges to the north, so that it leaves the names below its ends free. It is no route: the record
// names the ends only.
function arc([x0, y0], [x1, y1]) {
  const bulge = Math.min(Math.hypot(x1 - x0, y1 - y0) * 0.22, 34);
  const control = [(x0 + x1) / 2, Math.min((y0 + y1) / 2 + bulge * 2, 110)];
  const points = [];
  for (let step = 0; step <= 48; step += 1) {
    const t = step / 48;
    const [a, b, c] = [(1 - t) * (1 - t), 2 * t * (1 - t), t * t];
    points.push([a * x0 + b * control[0] + c * x1, a * y0 + b * control[1] + c * y1]);
  }
  return points;
}

// The heading at the middle of an arc, as the page shows it, in degrees against the clock from the right.
function heading(points) {
  const middle = points.length >> 1;
  const [from, to] = [projection.project(points[middle - 1]), projection.project(points[middle + 1])];
  return (Math.atan2(from[1] - to[1], to[0] - from[0]) * 180) / Math.PI;
}

function route(data, { colours, width }) {
  const narrow = width < NARROW;
  // The Natural Earth projection without Antarctica is a little over twice as wide as high.
  const height = Math.round(width * 0.46) + 12;
  const at = data.places.map((place) => (place.at ? place.at : middle(place.country)));
  const shown = data.places.map((place, index) => ({ ...place, at: at[index] })).filter((place) => place.at);
  const legs = data.legs
    .filter((leg) => at[leg.from] && at[leg.to])
    .map((leg) => ({ ...leg, points: arc(at[leg.from], at[leg.to]) }));
  return {
    height,
    option: {
      textStyle: { fontFamily: colours.font },
      tooltip: { trigger: "item", ...tooltip(colours) },
      geo: {
        map: "world",
        projection,
        silent: true,
        left: 0,
        right: 0,
        top: 6,
        bottom: 6,
        itemStyle: { areaColor: colours.land, borderColor: colours.coast, borderWidth: 0.5 },
        regions: [...new Set(data.places.map((place) => place.country))].map((name) => ({
          name,
          itemStyle: { areaColor: colours.accent, opacity: 0.4 },
        })),
      },
      series: [
        {
          type: "lines",
          name: "legs",
          coordinateSystem: "geo",
          polyline: true,
          lineStyle: { color: colours.known, width: narrow ? 1.5 : 2, type: [6, 5], opacity: 1 },
          data: legs.map((leg) => ({ coords: leg.points, told: leg.told })),
        },
        {
          type: "scatter",
          name: "direction",
          coordinateSystem: "geo",
          symbol: "path://M0,0 L10,5 L0,10 L2.6,5 Z",
          symbolSize: narrow ? 11 : 15,
          silent: true,
          itemStyle: { color: colours.known, opacity: 1 },
          data: legs.map((leg) => ({ value: leg.points[leg.points.length >> 1], symbolRotate: heading(leg.points) })),
        },
        {
          type: "scatter",
          name: "places",
          coordinateSystem: "geo",
          symbol: "circle",
          symbolSize: narrow ? 9 : 13,
          data: shown.map((place) => ({
            name: place.label,
            value: place.at,
            told: place.told,
            // A ring is a country; a filled dot is a place whose position is known.
            itemStyle: {
              color: place.level === "site" ? colours.known : colours.paper,
              borderColor: colours.known,
              borderWidth: 2.5,
              opacity: 1,
            },
            label: {
              show: place.label !== "",
              position: "bottom",
              formatter: narrow ? place.label : `${place.label}\n{level|${place.said}}`,
              rich: {
                level: { color: colours.muted, fontSize: 12, lineHeight: 18, fontFamily: colours.font, fontWeight: 400 },
              },
              align: "center",
              distance: 7,
              lineHeight: 18,
              textBorderColor: colours.paper,
              textBorderWidth: 3,
              ...text(colours, narrow ? 12 : 14),
              fontWeight: 600,
            },
          })),
          labelLayout: { hideOverlap: true },
        },
      ],
    },
  };
}

function pledged(data, { colours, width }) {
  const narrow = width < NARROW;
  const most = Math.max(...data.bars.map((bar) => bar.value ?? 0), 0) || 1;
  const rows = data.bars.map((bar) => bar.label);
  return {
    height: 56 + rows.length * (narrow ? 64 : 58),
    option: {
      textStyle: { fontFamily: colours.font },
      tooltip: { trigger: "item", ...tooltip(colours) },
      grid: { left: narrow ? 92 : 150, right: narrow ? 14 : 24, top: 8, bottom: 32 },
      xAxis: {
        type: "value",
        max: most,
        interval: most / (narrow ? 2 : 5),
        axisLabel: { ...text(colours, 12), color: colours.muted, hideOverlap: true, formatter: (n) => `${Math.round((n / data.divide) * 1000) / 1000}` },
        name: data.unit,
        nameLocation: "middle",
        nameGap: 24,
        nameTextStyle: { ...text(colours, 12), color: colours.muted },
        splitLine: { lineStyle: { color: colours.rule } },
      },
      yAxis: {
        type: "category",
        inverse: true,
        data: rows,
        axisLine: { show: true, lineStyle: { color: colours.muted } },
        axisTick: { show: false },
        axisLabel: { ...text(colours), width: narrow ? 84 : 140, overflow: "break", align: "left", margin: narrow ? 92 : 150 },
      },
      series: [
        {
          type: "bar",
          name: "pledged against evidenced",
          barWidth: narrow ? 30 : 34,
          data: data.bars.map((bar) => {
            const known = bar.value !== null;
            return {
              value: known ? bar.value : most,
              told: bar.told,
              itemStyle: known
                ? { color: colours[bar.tone] ?? colours.known }
                : { color: "transparent", borderColor: colours.unknown, borderWidth: 1.2, borderType: [4, 3], decal: hatch(colours) },
              label: {
                show: true,
                position: known && bar.value < most * 0.25 ? "right" : "insideLeft",
                distance: 10,
                formatter: bar.text,
                fontFamily: colours.font,
                fontSize: 13,
                fontWeight: 600,
                ...(known
                  ? { color: bar.value < most * 0.25 ? colours.ink : colours.paper }
                  : { color: colours.ink, backgroundColor: colours.paper, padding: [3, 7], borderRadius: 2 }),
              },
            };
          }),
        },
      ],
    },
  };
}

function point(data, { colours, width }) {
  const narrow = width < NARROW;
  const facets = data.facets;
  const rowHeight = 54;
  const facetHeight = 64 + data.rows.length * rowHeight;
  const left = narrow ? 136 : 196;
  const gap = 56;
  const inner = narrow ? width - left - 16 : (width - left - gap - 16) / facets.length;
  const box = (index) =>
    narrow
      ? { left, width: inner, top: index * (facetHeight + 26) + 44, height: data.rows.length * rowHeight }
      : { left: left + index * (inner + gap), width: inner, top: 44, height: data.rows.length * rowHeight };
  return {
    height: narrow ? facets.length * (facetHeight + 26) + 16 : facetHeight + 36,
    option: {
      textStyle: { fontFamily: colours.font },
      tooltip: { trigger: "item", ...tooltip(colours) },
      title: facets.map((facet, index) => ({
        text: facet.title,
        left: box(index).left,
        top: box(index).top - 42,
        padding: 0,
        textStyle: { ...text(colours, 13), fontWeight: 600, width: inner, overflow: "break", lineHeight: 17 },
      })),
      grid: facets.map((_, index) => box(index)),
      xAxis: facets.map((_, index) => ({
        gridIndex: index,
        type: "log",
        min: data.low,
        max: data.high,
        axisLabel: { ...text(colours, 12), color: colours.muted, formatter: (n) => data.ticks[String(n)] ?? "", hideOverlap: true, alignMinLabel: "left", alignMaxLabel: "right" },
        axisTick: { show: false },
        splitLine: { lineStyle: { color: colours.rule } },
        minorSplitLine: { show: false },
      })),
      yAxis: facets.map((_, index) => ({
        gridIndex: index,
        type: "category",
        inverse: true,
        data: data.rows.map((row) => row.label),
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: {
          show: narrow || index === 0,
          ...text(colours),
          align: "left",
          margin: left,
          formatter: (_, row) => `{name|${data.rows[row].label}}\n{basis|${data.rows[row].said}}`,
          rich: {
            name: { ...text(colours, narrow ? 13 : 14), fontWeight: 600, lineHeight: 20 },
            basis: { ...text(colours, 12), color: colours.muted, lineHeight: 16 },
          },
        },
        splitLine: { show: true, interval: 0, lineStyle: { color: colours.rule, type: "dotted" } },
      })),
      series: facets.map((facet, index) => ({
        type: "scatter",
        name: facet.title,
        xAxisIndex: index,
        yAxisIndex: index,
        symbolSize: 15,
        itemStyle: { color: index === 0 ? colours.other : colours.known, opacity: 1 },
        data: facet.points
          .map((one, row) => ({ one, row }))
          .filter(({ one }) => one.value !== null)
          .map(({ one, row }) => ({
            value: [one.value, row],
            told: one.told,
            label: {
              show: true,
              // A label never runs over the edge: it stands on the side where there is room.
              position: Math.log(one.value / data.low) > 0.6 * Math.log(data.high / data.low) ? "left" : "right",
              distance: 8,
              formatter: one.text,
              ...text(colours),
              fontWeight: 600,
              textBorderColor: colours.paper,
              textBorderWidth: 3,
            },
          })),
      })),
    },
  };
}

// Metal by stage: columns from origin to end, bands as wide as their mass, every label to the right of its node.
const PITCH = 122;
const LINE = 15;

function stages(data, { colours, width: room }) {
  const columns = data.columns;
  const width = Math.max(room, columns * PITCH);
  const bar = 12;
  const pitch = width / columns;
  const letters = Math.floor((pitch - bar - 12) / 6.7);
  const several = Array.from({ length: columns }, (_, column) => data.nodes.filter((node) => node.column === column).length);
  // Room for the name and the mass of the longest label, so that no two of a column touch.
  const gap = (Math.max(...data.nodes.map((node) => lines(node.label, letters).length)) + 1) * LINE + 4;
  const height = Math.max(...several) * gap + 240;
  const tone = Object.fromEntries(data.nodes.map((node) => [node.name, colours[node.tone]]));
  return {
    height,
    width,
    option: {
      textStyle: { fontFamily: colours.font },
      tooltip: { trigger: "item", ...tooltip(colours) },
      series: [
        {
          type: "sankey",
          name: "metal by stage",
          left: 1,
          right: pitch - bar,
          top: gap / 2,
          bottom: gap / 2,
          nodeWidth: bar,
          nodeGap: gap,
          layoutIterations: 64,
          draggable: false,
          emphasis: { focus: "adjacency" },
          data: data.nodes.map((node) => ({
            name: node.name,
            depth: node.column,
            told: node.told,
            itemStyle: { color: tone[node.name], borderWidth: 0 },
            label: {
              show: true,
              position: "right",
              distance: 5,
              formatter: () => [...lines(node.label, letters).map((line) => `{name|${line}}`), `{mass|${node.said}}`].join("\n"),
              rich: {
                name: { ...text(colours, 12), fontWeight: 600, lineHeight: LINE },
                mass: { ...text(colours, 12), color: colours.muted, lineHeight: LINE },
              },
              textBorderColor: colours.paper,
              textBorderWidth: 2,
            },
          })),
          links: data.links.map((link) => ({
            source: link.source,
            target: link.target,
            value: link.value,
            told: link.told,
            lineStyle: { color: colours[link.tone], opacity: link.tone === "accent" ? 0.3 : 0.6, curveness: 0.5 },
          })),
        },
      ],
    },
  };
}

export const drawers = { account, assays, closure, editions, instruments, ladder, origins, route, pledged, point, shares, stages };
