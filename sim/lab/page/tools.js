// Small tools: the words of the chosen language, elements, numbers.

const CONTENT = JSON.parse(document.getElementById("content").textContent);
const CATALOGUE = CONTENT.catalogue;
const BAKED = CONTENT.mode === "baked";
const PLANS = ["A", "B"];
const COLOUR = { A: "#0072b2", B: "#b35400" };
let language = "en";

/** Word or tree of words under a dotted name, in the chosen language. */
function words(name) {
  return name.split(".").reduce((tree, key) => (tree == null ? undefined : tree[key]), CONTENT.text[language]);
}

/** Sentence under a dotted name, its braces filled in. */
function say(name, values = {}) {
  const text = words(name);
  return typeof text === "string" ? fill(text, values) : name.split(".").pop().replaceAll("_", " ");
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

/** Element with attributes, listeners (on...) and children; text is never read as HTML. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value == null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

const byId = (id) => document.getElementById(id);
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const mean = (values) => (values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : NaN);

/** Number as people of the chosen language write it. */
function number(value, digits = 2) {
  if (!Number.isFinite(value)) return "–";
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return value.toLocaleString(language, options);
}

/** Value at a share of the way through sorted values. */
function quantile(sorted, share) {
  if (!sorted.length) return NaN;
  const place = share * (sorted.length - 1), low = Math.floor(place), rest = place - low;
  return sorted[low] + rest * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}

/** Canvas sized for the screen, cleared and scaled so that units are CSS pixels. */
function cleared(canvas) {
  const box = canvas.getBoundingClientRect(), ratio = window.devicePixelRatio || 1;
  const width = Math.round(box.width * ratio), height = Math.round(box.height * ratio);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, box.width, box.height);
  return [pen, box.width, box.height];
}
