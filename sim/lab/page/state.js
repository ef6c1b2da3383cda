// What is chosen: two plans, one luck, one week. Kept in the link, so that a link brings back the same page.

const START = BAKED
  ? { luck: 0, week: 0, curve: "output", A: { baked: 0 }, B: { baked: Math.min(1, CONTENT.baked.length - 1) } }
  : { case: "pccp", seed: 1, posterior: "cases", luck: 0, week: 0, curve: "output", A: { scenario: "baseline", settings: {} }, B: { scenario: "coordinator_leaves", settings: {} } };

const copy = (value) => JSON.parse(JSON.stringify(value));
let state = copy(START);
let runs = {};
let bands = {};

/** Plan in the form in which the model is asked. */
function question(plan) {
  if (BAKED) return { baked: state[plan].baked, replicate: state.luck };
  return { case: state.case, ...state[plan], seed: state.seed, replicate: state.luck, posterior: state.posterior };
}

function toLink() {
  const link = new URLSearchParams();
  if (!BAKED) link.set("case", state.case);
  if (!BAKED && state.posterior !== "cases") link.set("posterior", state.posterior);
  if (!BAKED && state.seed !== 1) link.set("seed", state.seed);
  link.set("luck", state.luck);
  link.set("week", state.week);
  link.set("curve", state.curve);
  link.set("language", language);
  for (const plan of PLANS) {
    link.set(plan, BAKED ? state[plan].baked : state[plan].scenario);
    const settings = Object.entries(state[plan].settings || {});
    for (const [name, value] of settings) link.set(`${plan}.${name}`, JSON.stringify(value));
  }
  return `#${link}`;
}

/** State from a link; what cannot be read is left as at the start, and the model's gate checks the rest. */
function fromLink(hash) {
  const link = new URLSearchParams(hash.replace(/^#/, ""));
  const found = copy(START);
  const whole = (name, low, high, other) => {
    const text = link.get(name);
    return /^\d{1,10}$/.test(text || "") ? clamp(Number(text), low, high) : other;
  };
  if (!BAKED && CATALOGUE.cases.includes(link.get("case"))) found.case = link.get("case");
  if (!BAKED && link.get("posterior") === "none") found.posterior = "none";
  if (!BAKED) found.seed = whole("seed", 0, 2 ** 32 - 1, 1);
  found.luck = whole("luck", 0, BAKED ? CONTENT.seeds.length - 1 : 999, 0);
  found.week = whole("week", 0, 520, 0);
  if (CATALOGUE.fan.includes(link.get("curve"))) found.curve = link.get("curve");
  for (const plan of PLANS) {
    if (BAKED) found[plan].baked = whole(plan, 0, CONTENT.baked.length - 1, found[plan].baked);
    else if (link.get(plan) in CATALOGUE.scenarios) found[plan].scenario = link.get(plan);
  }
  if (!BAKED) for (const [name, text] of link) readSetting(found, name, text);
  if (link.get("language") in CONTENT.text) language = link.get("language");
  return found;
}

function readSetting(found, name, text) {
  const plan = name[0];
  if (!PLANS.includes(plan) || name[1] !== ".") return;
  try {
    found[plan].settings[name.slice(2)] = JSON.parse(text);
  } catch {
    // A damaged part of a link is left out.
  }
}

/** Write the state into the address line; `anew` makes a step that the Back button undoes. */
function keepLink(anew = false) {
  const link = toLink();
  if (link === location.hash) return;
  try {
    history[anew ? "pushState" : "replaceState"](null, "", link);
  } catch {
    // Some browsers allow no links in a file opened from disk, or too many in a minute.
  }
}

const isCustom = (plan) => !BAKED && Object.keys(state[plan].settings).length > 0;

function presetName(name) {
  return words(`presets.${name}.name`) || name.replaceAll("_", " ");
}

function presetHelp(name) {
  return words(`presets.${name}.help`) || CATALOGUE.scenarios[name] || "";
}

function bakedName(place) {
  const { words: name, runs: lucks } = CONTENT.baked[place];
  return name ? say(name) : presetName(lucks[0].plan.scenario);
}

function planName(plan) {
  if (BAKED) return bakedName(state[plan].baked);
  return isCustom(plan) ? say("plans.custom_of", { preset: presetName(state[plan].scenario) }) : presetName(state[plan].scenario);
}
