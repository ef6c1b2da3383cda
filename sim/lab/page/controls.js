// The panel of a plan: preset, levers by level, changes over time, shocks; and the marks under the time line.

let tab = "B";

function buildTabs() {
  byId("tabs").replaceChildren(...[...PLANS, "lesson"].map((name) => make("button", {
    role: "tab", id: `tab-${name}`, "aria-selected": String(tab === name), tabindex: tab === name ? 0 : -1,
    onclick: () => showTab(name), onkeydown: (event) => moveTab(event, name),
  }, say(`plans.${name}`))));
}

function moveTab(event, name) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const names = [...PLANS, "lesson"];
  showTab(names[(names.indexOf(name) + step + names.length) % names.length]);
  byId(`tab-${tab}`).focus();
}

function showTab(name) {
  tab = name;
  buildTabs();
  buildPanel();
}

function buildPanel() {
  byId("panel").setAttribute("aria-labelledby", `tab-${tab}`);
  byId("panel").replaceChildren(...(tab === "lesson" ? lessonParts() : BAKED ? bakedParts(tab) : planParts(tab)));
}

function bakedParts(plan) {
  const options = CONTENT.baked.map((_, place) => make("option", { value: place }, bakedLabel(place)));
  const choose = make("select", { id: `preset-${plan}`, onchange: (event) => change(() => { state[plan].baked = Number(event.target.value); }, true) }, ...options);
  choose.value = state[plan].baked;
  return [make("label", {}, say("plans.preset"), choose)];
}

function bakedLabel(place) {
  const several = new Set(CONTENT.baked.map((row) => row.runs[0].plan.case)).size > 1;
  return several ? say("say.about", { name: say(`cases.${CONTENT.baked[place].runs[0].plan.case}`), what: bakedName(place) }) : bakedName(place);
}

function planParts(plan) {
  const run = runs[plan];
  return [
    presetPart(plan),
    make("p", { class: "help" }, presetHelp(state[plan].scenario)),
    make("div", { class: "row" },
      make("button", { id: "preset-back", disabled: !isCustom(plan), onclick: () => choosePreset(plan, state[plan].scenario) }, say("plans.back")),
      make("button", { onclick: () => change(() => { state[plan] = copy(state[plan === "A" ? "B" : "A"]); }, true, true) }, say(plan === "A" ? "plans.copy_b" : "plans.copy_a"))),
    leversPart(plan, run, "interpersonal"),
    hoursPart(plan, run),
    shocksPart(plan, run),
    leversPart(plan, run, "operational"),
    leversPart(plan, run, "system"),
    schedulePart(plan, run),
    make("p", { class: "help" }, say("plans.everything")),
    numbersPart(),
  ];
}

/** Where the numbers of the model come from; the same for both plans. */
function numbersPart() {
  const name = (source) => say(`plans.posterior_${source}`);
  return make("div", {}, choice(say("plans.posterior"), ["cases", "none"], name, state.posterior, (source) => change(() => { state.posterior = source; }, true)));
}

function presetPart(plan) {
  const names = Object.keys(CATALOGUE.scenarios).sort((x, y) => (x === "baseline" ? -1 : y === "baseline" ? 1 : presetName(x).localeCompare(presetName(y))));
  const options = names.map((name) => make("option", { value: name }, presetName(name)));
  if (isCustom(plan)) options.unshift(make("option", { value: "" }, say("plans.custom_of", { preset: presetName(state[plan].scenario) })));
  const choose = make("select", { id: `preset-${plan}`, onchange: (event) => event.target.value && choosePreset(plan, event.target.value) }, ...options);
  choose.value = isCustom(plan) ? "" : state[plan].scenario;
  return make("label", {}, say("plans.preset"), choose);
}

function choosePreset(plan, name) {
  change(() => { state[plan] = { scenario: name, settings: {} }; }, true, true);
}

/** A slider with its name, its value and what it means. */
function slider(plan, setting, name, text, value, low, high, step, unit) {
  const shown = make("output", {}, `${number(value, step < 1 ? 2 : 0)}${unit ? ` ${unit}` : ""}`);
  const id = `${plan}-${name}`;
  const move = (event) => {
    const chosen = Number(event.target.value);
    shown.textContent = `${number(chosen, step < 1 ? 2 : 0)}${unit ? ` ${unit}` : ""}`;
    performance.mark("lab:input");
    change(() => { state[plan].settings[setting] = chosen; });
  };
  return make("div", { class: "lever" },
    make("label", { for: id }, text.name), shown,
    make("input", { type: "range", id, min: low, max: high, step, value, "aria-describedby": `${id}-help`, oninput: move }),
    make("small", { id: `${id}-help` }, text.help));
}

function leversPart(plan, run, level) {
  const rows = CATALOGUE.levers.filter((row) => row.level === level);
  return make("fieldset", {}, make("legend", {}, say(`levels.${level}`)),
    ...rows.map(({ name }) => slider(plan, `enabling.${name}`, name, words(`levers.${name}`), run.levers[name], 0, 1, 0.05)));
}

function hoursPart(plan, run) {
  return make("fieldset", {}, make("legend", {}, say("plans.hours")), ...CATALOGUE.hours.map(({ name, low, high }) => {
    const text = words(`hours.${name}`), step = high > 10 ? 1 : 0.05;
    return slider(plan, `parameters.${name}`, name, text, run.hours[name], low, Math.max(high, run.hours[name]), step, text.unit);
  }));
}

/** A number or a choice of an event, which changes the plan when it is done. */
function field(label, control) {
  return make("label", {}, label, control);
}

function numberField(label, value, low, high, step, done) {
  const input = make("input", { type: "number", value, min: low, max: high, step, onchange: () => {
    const wanted = Number(input.value);
    done(Number.isFinite(wanted) && input.value !== "" ? clamp(step < 1 ? wanted : Math.round(wanted), low, high) : value);
  } });
  return field(label, input);
}

function choice(label, names, wordsOf, value, done) {
  const input = make("select", { onchange: () => done(input.value) }, ...names.map((name) => make("option", { value: name }, wordsOf(name))));
  input.value = value;
  return field(label, input);
}

const lastOf = (run) => run.weeks;

function freeName(plan, tree, front) {
  let number = 1;
  while (`${tree}.${front}_${number}` in state[plan].settings) number++;
  return `${tree}.${front}_${number}`;
}

function schedulePart(plan, run) {
  const rows = Object.entries(state[plan].settings).filter(([name, value]) => name.startsWith("schedule.") && value && value.lever);
  const set = (name, values) => change(() => { Object.assign(state[plan].settings[name], values); }, true, true);
  const parts = rows.map(([name, row]) => make("div", { class: "event" },
    choice(say("plans.lever"), CATALOGUE.levers.map((lever) => lever.name), (lever) => say(`levers.${lever}.name`), row.lever, (lever) => set(name, { lever })),
    numberField(say("plans.week"), row.week, 0, lastOf(run), 1, (week) => set(name, { week })),
    numberField(say("plans.level_value"), row.value, 0, 1, 0.05, (value) => set(name, { value })),
    make("button", { onclick: () => change(() => { delete state[plan].settings[name]; }, true, true) }, say("plans.remove"))));
  const add = () => change(() => {
    state[plan].settings[freeName(plan, "schedule", "change")] = { lever: "relationship_building", week: clamp(state.week, 0, lastOf(run)), value: 0.9 };
  }, true, true);
  return make("fieldset", {}, make("legend", {}, say("plans.schedule")), ...parts,
    make("button", { id: "add-change", onclick: add }, say("plans.add_change", { week: clamp(state.week, 0, lastOf(run)) })));
}

function shocksPart(plan, run) {
  const parts = run.shocks.map((shock) => {
    const own = state[plan].settings[`shocks.${shock.name}`];
    return own ? ownShock(plan, shock, run) : givenShock(plan, shock);
  });
  const add = () => change(() => {
    state[plan].settings[freeName(plan, "shocks", "shock")] = { kind: "person_leaves", week: clamp(state.week, 1, lastOf(run)), size: 1, duration: 1, role: "coordinator" };
  }, true, true);
  return make("fieldset", {}, make("legend", {}, say("plans.shocks")), ...parts,
    make("button", { id: "add-shock", onclick: add }, say("plans.add_shock", { week: clamp(state.week, 1, lastOf(run)) })));
}

const shockName = (shock) => words(`shocks.names.${shock.name}`) || say(`shocks.${shock.kind}`);

/** A shock of the case or preset: it may be taken out. */
function givenShock(plan, shock) {
  const out = () => change(() => { state[plan].settings[`shocks.${shock.name}`] = null; }, true, true);
  return make("div", { class: "event given" }, make("span", {}, say("say.about", { name: say("view.week", { week: shock.week }), what: shockName(shock) })),
    make("button", { onclick: out }, say("plans.remove")));
}

function ownShock(plan, shock, run) {
  const name = `shocks.${shock.name}`;
  const set = (values) => change(() => { Object.assign(state[plan].settings[name], values); }, true, true);
  return make("div", { class: "event" },
    choice(say("plans.shock_kind"), CATALOGUE.shocks, (kind) => say(`shocks.${kind}`), shock.kind, (kind) => set({ kind })),
    numberField(say("plans.week"), shock.week, 1, lastOf(run), 1, (week) => set({ week })),
    numberField(say("plans.size"), shock.size, 0, 1, 0.1, (size) => set({ size })),
    numberField(say("plans.duration"), shock.duration, 1, lastOf(run), 1, (duration) => set({ duration })),
    choice(say("plans.role"), ["any", ...CATALOGUE.roles], (role) => (role === "any" ? say("plans.anyone") : say(`roles.${role}.name`)), shock.role, (role) => set({ role })),
    make("button", { onclick: () => change(() => { delete state[plan].settings[name]; }, true, true) }, say("plans.remove")));
}

/** Shocks under the time line: those placed by hand can be dragged, or moved by the arrow keys. */
function buildMarks() {
  const seen = new Map();
  for (const plan of PLANS) {
    for (const shock of runs[plan].shocks) {
      const own = !BAKED && Boolean(state[plan].settings[`shocks.${shock.name}`]);
      const key = own ? `${plan}${shock.name}` : `${shock.name}@${shock.week}`;
      if (seen.has(key)) seen.get(key).plans.push(plan);
      else seen.set(key, { shock, own, plans: [plan] });
    }
  }
  byId("marks").replaceChildren(...[...seen.values()].map(markOf));
}

function markOf({ shock, own, plans }) {
  const where = plans.length === 2 ? say("say.both") : say("say.only", { plan: say(`plans.${plans[0]}`) });
  const title = `${say("say.about", { name: say("view.week", { week: shock.week }), what: shockName(shock) })} (${where})${own ? `. ${say("plans.move_help")}` : ""}`;
  const mark = make("button", { class: `mark ${own ? "own" : ""} ${plans.length === 1 ? `of-${plans[0].toLowerCase()}` : ""}`, title, "aria-label": title, "data-shock": shock.name }, own ? "▲" : "△");
  const weeks = Math.max(runs.A.weeks, runs.B.weeks);
  mark.style.left = `${(100 * shock.week) / weeks}%`;
  mark.addEventListener("click", () => { if (!own) goTo(shock.week); });
  if (own) letMove(mark, plans[0], shock, weeks);
  return mark;
}

function letMove(mark, plan, shock, weeks) {
  const put = (week) => change(() => { state[plan].settings[`shocks.${shock.name}`].week = clamp(Math.round(week), 1, runs[plan].weeks); }, false, true);
  mark.addEventListener("keydown", async (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowUp: 4, ArrowDown: -4 }[event.key];
    if (!step) return;
    event.preventDefault();
    await put(state[plan].settings[`shocks.${shock.name}`].week + step);
    document.querySelector(`[data-shock="${CSS.escape(shock.name)}"].own`)?.focus();
  });
  mark.addEventListener("pointerdown", (event) => {
    mark.setPointerCapture(event.pointerId);
    const strip = byId("marks").getBoundingClientRect();
    const at = (moved) => clamp((weeks * (moved.clientX - strip.left)) / strip.width, 1, weeks);
    mark.onpointermove = (moved) => { mark.style.left = `${(100 * at(moved)) / weeks}%`; };
    mark.onpointerup = (moved) => { mark.onpointermove = mark.onpointerup = null; put(at(moved)); };
  });
}
