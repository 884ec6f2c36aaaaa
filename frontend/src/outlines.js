// Outlines of the world's countries, keyed by ISO 3166-1 numeric code, and the projection they are drawn in.
import { feature } from "topojson-client";
import atlas from "world-atlas/countries-110m.json";

export const outlines = feature(atlas, atlas.objects.countries);
// Antarctica has no part in any trade and would take a fifth of the picture.
outlines.features = outlines.features.filter((country) => country.id !== "010");
for (const country of outlines.features) {
  country.properties.name = country.id ?? country.properties.name;
  const { type, coordinates } = country.geometry;
  const pieces = type === "Polygon" ? [coordinates] : coordinates;
  country.geometry = { type: "MultiPolygon", coordinates: pieces.flatMap(cut) };
}

// A ring that steps over the 180th meridian would be drawn as a streak through the whole map: it is cut there in two.
function cut(polygon) {
  const open = polygon.map(unwrapped);
  if (open.every((ring) => ring.every(([x]) => x <= 180))) return [open];
  const west = open.map((ring) => clipped(ring, (x) => x <= 180)).filter((ring) => ring.length > 3);
  const east = open.map((ring) => clipped(ring, (x) => x >= 180).map(([x, y]) => [x - 360, y])).filter((ring) => ring.length > 3);
  return [west, east].filter((rings) => rings.length > 0);
}

// Longitudes without jumps: what lies beyond the meridian goes on past 180.
function unwrapped(ring) {
  if (!ring.some(([x], i) => i > 0 && Math.abs(x - ring[i - 1][0]) > 180)) return ring;
  return ring.map(([x, y]) => [x < 0 ? x + 360 : x, y]);
}

// The part of a ring on one side of the 180th meridian (Sutherland and Hodgman's clipping at one line).
function clipped(ring, inside) {
  const kept = [];
  for (let i = 0; i + 1 < ring.length; i += 1) {
    const [from, to] = [ring[i], ring[i + 1]];
    if (inside(from[0])) kept.push(from);
    if (inside(from[0]) !== inside(to[0])) {
      kept.push([180, from[1] + ((180 - from[0]) * (to[1] - from[1])) / (to[0] - from[0])]);
    }
  }
  return kept.length > 0 ? [...kept, kept[0]] : kept;
}

// The Natural Earth projection: shapes and areas both near the truth at this scale.
// Source: Savric, Jenny, Patterson et al. (2011), Cartography and Geographic Information Science 38(4), 363-372.
const LENGTH = [0.8707, -0.131979, 0, -0.013791, 0, 0.003971, -0.001529];
const DISTANCE = [1.007226, 0.015085, -0.044475, 0.028874, -0.005916];
const RADIANS = Math.PI / 180;

export const projection = {
  project([longitude, latitude]) {
    const phi = latitude * RADIANS;
    const p2 = phi * phi;
    const p4 = p2 * p2;
    const x =
      longitude * RADIANS * (LENGTH[0] + LENGTH[1] * p2 + p4 * (LENGTH[3] + p4 * (LENGTH[5] * p2 + LENGTH[6] * p4)));
    const y = phi * (DISTANCE[0] + p2 * (DISTANCE[1] + p4 * (DISTANCE[2] + DISTANCE[3] * p2 + DISTANCE[4] * p4)));
    return [x, -y];
  },
  unproject([x, y]) {
    // Newton's method on the latitude, as the polynomial has no closed inverse; it settles in a few steps.
    let phi = -y;
    for (let step = 0; step < 12; step += 1) {
      const p2 = phi * phi;
      const p4 = p2 * p2;
      const off = phi * (DISTANCE[0] + p2 * (DISTANCE[1] + p4 * (DISTANCE[2] + DISTANCE[3] * p2 + DISTANCE[4] * p4))) + y;
      const slope = DISTANCE[0] + p2 * (3 * DISTANCE[1] + p4 * (7 * DISTANCE[2] + 9 * DISTANCE[3] * p2 + 11 * DISTANCE[4] * p4));
      phi -= off / slope;
      if (Math.abs(off) < 1e-9) break;
    }
    const p2 = phi * phi;
    const p4 = p2 * p2;
    const scale = LENGTH[0] + LENGTH[1] * p2 + p4 * (LENGTH[3] + p4 * (LENGTH[5] * p2 + LENGTH[6] * p4));
    return [x / scale / RADIANS, phi / RADIANS];
  },
};

// The middle of a country's largest piece: where a place is drawn of which only the country is known.
export function middle(numeric) {
  const country = outlines.features.find((one) => one.id === numeric);
  if (!country) return null;
  let best = null;
  for (const [ring] of country.geometry.coordinates) {
    let area = 0;
    let x = 0;
    let y = 0;
    for (let i = 0; i + 1 < ring.length; i += 1) {
      const cross = ring[i][0] * ring[i + 1][1] - ring[i + 1][0] * ring[i][1];
      area += cross;
      x += (ring[i][0] + ring[i + 1][0]) * cross;
      y += (ring[i][1] + ring[i + 1][1]) * cross;
    }
    if (area !== 0 && (best === null || Math.abs(area) > Math.abs(best.area))) {
      best = { area, at: [x / (3 * area), y / (3 * area)] };
    }
  }
  return best?.at ?? null;
}
