// What several drawers share: type, colours of the unknown, the box that tells of a point.
export const NARROW = 560;
export const hatch = (colours) => ({ color: colours.hatch, dashArrayX: [1, 0], dashArrayY: [1.5, 5], rotation: -Math.PI / 4 });
export const text = (colours, size = 13) => ({ color: colours.ink, fontFamily: colours.font, fontSize: size });
export const quiet = (colours, size = 12) => ({ ...text(colours, size), color: colours.muted });
export const tooltip = (colours) => ({
  ...{ confine: true, backgroundColor: colours.paper, borderColor: colours.rule, padding: [8, 12] },
  textStyle: text(colours),
  // Names come from the book: they are set as text, never as markup.
  formatter: (point) => {
    const box = document.createElement("div");
    box.style.cssText = "max-width:18rem;white-space:pre-line;overflow-wrap:anywhere";
    box.textContent = point.data?.told ?? point.name ?? "";
    return box;
  },
});

// Words over lines of so many letters, at most `most` of them; a longer word is broken.
export function lines(words, letters, most = 5) {
  const found = [];
  // Braces and bars are markup of the drawing library.
  for (const word of words.replace(/[{}|]/g, " ").split(" ").filter(Boolean).flatMap((one) => one.match(new RegExp(`.{1,${letters}}`, "gu")) ?? [])) {
    const last = found.length - 1;
    if (last >= 0 && found[last].length + 1 + word.length <= letters) found[last] += ` ${word}`;
    else found.push(word);
  }
  return found.length > most ? [...found.slice(0, most - 1), `${found[most - 1].slice(0, letters - 1)}…`] : found;
}

// Slanting lines inside a box, as the page hatches what is unknown.
export function hatched({ x, y, width, height }, colours, step = 7) {
  const strokes = [];
  for (let at = -height; at < width; at += step) {
    const [from, to] = [Math.max(0, at), Math.min(width, at + height)];
    if (to <= from) continue;
    strokes.push({
      type: "line",
      silent: true,
      shape: { x1: x + from, y1: y + height - (from - at), x2: x + to, y2: y + height - (to - at) },
      style: { stroke: colours.hatch, lineWidth: 1.5 },
    });
  }
  return strokes;
}

// A series of the drawing library that draws what `shapes` returns for each of its data.
export const custom = (name, data, shapes, more = {}) => ({
  type: "custom",
  name,
  data,
  clip: true,
  renderItem: (params, api) => ({ type: "group", children: shapes(data[params.dataIndexInside ?? params.dataIndex], params, api).filter(Boolean) }),
  ...more,
});

// Round steps of an axis from `low` to `high`, about so many of them.
export function steps(low, high, about) {
  const raw = (high - low) / Math.max(about, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  const size = [1, 2, 2.5, 5, 10].find((one) => one * power >= raw * 0.999) * power;
  return size;
}

// The axis of values below a chart of rows, and that of the rows themselves, which shows nothing.
export const below = (colours, name, { label = { alignMinLabel: "left", alignMaxLabel: "right" }, ...range }) => ({
  type: "value",
  ...range,
  axisLabel: { ...quiet(colours), formatter: plain, hideOverlap: true, ...label },
  axisLine: { show: false },
  axisTick: { show: false },
  splitLine: { lineStyle: { color: colours.rule } },
  name,
  nameLocation: "middle",
  nameGap: 28,
  nameTextStyle: quiet(colours),
});
export const hidden = (total) => ({ type: "value", inverse: true, min: 0, max: total, show: false });

// A number of an axis, without the dust of binary fractions.
export const plain = (value) => String(Number(value.toPrecision(6)));

// A row of marks with their words, over as many lines as it needs: a title of the drawing library, and its height.
const KEY_LINE = 19;
export function key(entries, width, colours) {
  const rows = [[]];
  let used = 0;
  for (const entry of entries) {
    const wide = entry.label.length * 6.9 + 34;
    if (used + wide > width && used > 0) {
      rows.push([]);
      used = 0;
    }
    rows[rows.length - 1].push(entry);
    used += wide;
  }
  const rich = Object.fromEntries(entries.map((entry, index) => [`m${index}`, { color: entry.colour, fontSize: 13, fontWeight: 700, lineHeight: KEY_LINE }]));
  const said = rows.map((row) => row.map((entry) => `{m${entries.indexOf(entry)}|${entry.mark}} {w|${entry.label.replace(/[{}|]/g, " ")}}`).join("{w|    }"));
  return {
    height: rows.length * KEY_LINE + 8,
    title: {
      text: said.join("\n"),
      left: 0,
      top: 0,
      padding: 0,
      textStyle: { ...text(colours, 12), fontWeight: 400, lineHeight: KEY_LINE, rich: { ...rich, w: { ...quiet(colours), lineHeight: KEY_LINE } } },
    },
  };
}
