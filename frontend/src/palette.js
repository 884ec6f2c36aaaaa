// The colours in force, read from the style sheet, so that charts and text always agree.
const NAMES = ["paper", "ink", "muted", "rule", "land", "coast", "known", "other", "unknown", "hatch", "accent", "gain", "wash"];

export function palette() {
  const style = getComputedStyle(document.documentElement);
  const colours = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  colours.font = getComputedStyle(document.body).fontFamily;
  return colours;
}
