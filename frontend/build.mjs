// Builds what a report's page carries inline: one script with charts and outlines, one style sheet, and the notices of
// the licences. Nothing is fetched when a page is opened.
import { build } from "esbuild";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, "..", "src", "lodeline", "report", "assets");

await mkdir(out, { recursive: true });

await build({
  entryPoints: [path.join(here, "src", "report.js"), path.join(here, "src", "report.css")],
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2020"],
  charset: "ascii", // U+2028 and its like stay escapes, whatever encoding a page is saved in
  legalComments: "none", // they go into NOTICES.txt
  loader: { ".json": "json" },
  logLevel: "warning",
});

// A closing tag inside the script would end it early where the page carries it inline.
const script = path.join(out, "report.js");
const text = await readFile(script, "utf8");
await writeFile(script, text.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--"));

const notices = [];
for (const name of ["echarts", "zrender", "tslib", "topojson-client", "world-atlas"]) {
  const folder = path.join(here, "node_modules", name);
  const about = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  const texts = [];
  for (const file of ["LICENSE", "LICENSE.txt", "NOTICE"]) {
    try {
      texts.push(await readFile(path.join(folder, file), "utf8"));
    } catch (missing) {
      if (missing.code !== "ENOENT") throw missing;
    }
  }
  if (texts.length === 0) throw new Error(`${name} ${about.version} carries no licence text`);
  notices.push(`${name} ${about.version} (${about.license})\n\n${texts.join("\n\n")}`);
}
await writeFile(path.join(out, "NOTICES.txt"), notices.join(`\n\n${"-".repeat(100)}\n\n`));
