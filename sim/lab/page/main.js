// Puts the parts together: asks for runs when something changes, draws, plays.

const WEEKS_PER_SECOND = 10;
let playing = 0;
let newest = 0;
let mustBuild = false;
let drawn = null;
let waiting = null;

function tellProblem(text) {
  byId("problem").hidden = !text;
  byId("problem").querySelector("p").textContent = text || "";
}

/** Change what is chosen, then ask and draw; `anew` is a step for the Back button, `panel` rebuilds the panel. */
async function change(work, anew = false, panel = anew) {
  work();
  if (await refresh(panel)) keepLink(anew);
}

/**
 * Ask for both plans and draw them; tell whether that was done. Of several changes in a row only the newest is drawn,
 * and one that is refused leaves the page as it was last drawn.
 */
async function refresh(panel = true) {
  const number = ++newest;
  mustBuild ||= panel;
  tellWhere("working");
  while (waiting) await waiting;
  if (number !== newest) return false;
  try {
    const found = await oneAtATime(Promise.all(PLANS.map((plan) => cachedRun(question(plan)))));
    if (number !== newest) return false;
    runs = { A: found[0], B: found[1] };
    tellProblem("");
  } catch (error) {
    if (number === newest) refuse(error.message);
    return false;
  }
  bands = {};
  state.week = clamp(state.week, 0, Math.max(runs.A.weeks, runs.B.weeks));
  byId("week").max = Math.max(runs.A.weeks, runs.B.weeks);
  placeButtons();
  buildMarks();
  nameThings();
  drawn = copy(state);
  if (mustBuild) buildPanel();
  else byId("preset-back")?.removeAttribute("disabled");
  mustBuild = false;
  draw();
  tellWhere("drawn");
  const began = performance.getEntriesByName("lab:input")[0]?.startTime ?? performance.now();
  performance.clearMarks("lab:input");
  performance.measure("lab:change", { start: began });
  clearTimeout(refresh.later);
  refresh.later = setTimeout(() => askBands(number, began), BAKED ? 0 : 120);
  return true;
}

/** Say on the page itself how far the work is: working, drawn, or complete with the fan of other luck. */
function tellWhere(place) {
  document.documentElement.dataset.work = place;
}

/** Let a moving hand ask once, and again when that is answered, so that questions do not pile up. */
async function oneAtATime(asking) {
  waiting = asking.catch(() => null);
  try {
    return await asking;
  } finally {
    waiting = null;
  }
}

/** Say why a change was refused, and go back to what is drawn. */
function refuse(line) {
  tellProblem(line);
  tellWhere("complete");
  mustBuild = false;
  if (!drawn) return;
  state = { ...copy(drawn), week: state.week };
  nameThings();
  buildPanel();
}

const known = new Map();

/** Run that was asked for lately, or a new one: a plan that was not touched is not asked for again. */
async function cachedRun(plan) {
  const key = JSON.stringify(plan);
  if (!known.has(key)) {
    known.set(key, await askRun(plan));
    if (known.size > 12) known.delete(known.keys().next().value);
  }
  return known.get(key);
}

async function askBands(number, began) {
  try {
    await Promise.all(PLANS.map((plan) => learnRecoveries(runs[plan], question(plan))));
    if (number !== newest) return;
    tellStory();
    const found = await Promise.all(PLANS.map((plan) => askFan(question(plan))));
    if (number !== newest) return;
    bands = { A: found[0], B: found[1] };
    draw();
    performance.measure("lab:fan", { start: began });
  } catch (error) {
    if (number === newest) tellProblem(error.message);
  }
  if (number === newest) tellWhere("complete");
}

/** Draw everything for the week shown; no question is asked here. */
function draw() {
  for (const plan of PLANS) {
    drawNetwork(plan);
    const { tip, tipSeat } = networks[plan];
    if (tip) tip.replaceChildren(...tipLines(plan, tipSeat).filter(Boolean));
  }
  CURVES.forEach(drawChart);
  tellStory();
  byId("week").value = state.week;
  byId("week").setAttribute("aria-valuetext", say("view.week", { week: state.week }));
  byId("week-name").textContent = say("view.week_of", { week: state.week, weeks: Math.max(runs.A.weeks, runs.B.weeks) });
}

/** Names that depend on the language or on what is chosen. */
function nameThings() {
  for (const plan of PLANS) {
    networks[plan].heading.textContent = say(`plans.${plan}`);
    networks[plan].what.textContent = planName(plan);
  }
  byId("luck").textContent = `${say("page.luck", { number: state.luck + 1 })} · ${say("page.other_luck")}`;
  if (!BAKED) byId("case").value = state.case;
  for (const id of ["add-shock", "add-change"]) nameAddButton(id);
}

function nameAddButton(id) {
  const button = byId(id), low = id === "add-shock" ? 1 : 0;
  if (button && runs[tab]) button.textContent = say(`plans.${id.replace("-", "_")}`, { week: clamp(state.week, low, runs[tab].weeks) });
}

function goTo(week) {
  state.week = clamp(week, 0, Math.max(runs.A.weeks, runs.B.weeks));
  draw();
  for (const id of ["add-shock", "add-change"]) nameAddButton(id);
  clearTimeout(goTo.later);
  goTo.later = setTimeout(() => keepLink(), 300);
}

function play() {
  if (playing) return stop();
  if (state.week >= Number(byId("week").max)) state.week = 0;
  const began = performance.now(), from = state.week;
  const next = (time) => {
    const week = from + Math.floor(((time - began) / 1000) * WEEKS_PER_SECOND);
    if (week > state.week) goTo(week);
    if (state.week >= Number(byId("week").max)) return stop();
    playing = requestAnimationFrame(next);
  };
  playing = requestAnimationFrame(next);
  byId("play").textContent = `❚❚ ${say("view.pause")}`;
}

function stop() {
  cancelAnimationFrame(playing);
  playing = 0;
  byId("play").textContent = `▶ ${say("view.play")}`;
}

/** Write all words in the chosen language. */
function speak() {
  document.documentElement.lang = language;
  document.title = say("page.title");
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = say(element.dataset.text);
  for (const element of document.querySelectorAll("[data-title]")) {
    element.title = say(element.dataset.title);
    element.setAttribute("aria-label", element.title);
  }
  byId("luck").removeAttribute("aria-label");
  byId("case").replaceChildren(...CATALOGUE.cases.map((name) => make("option", { value: name }, say(`cases.${name}`))));
  byId("language").replaceChildren(...Object.keys(CONTENT.text).map((name) => make("option", { value: name }, CONTENT.text[name].language)));
  byId("language").value = language;
  byId("case").setAttribute("aria-label", say("page.case"));
  byId("language").setAttribute("aria-label", say("page.language"));
  byId("week").setAttribute("aria-label", say("plans.week"));
  stop();
  buildTabs();
  buildLegend();
  nameCharts();
}

function listen() {
  byId("play").addEventListener("click", play);
  byId("step").addEventListener("click", () => { stop(); goTo(state.week + 1); });
  byId("back").addEventListener("click", () => { stop(); goTo(state.week - 1); });
  byId("week").addEventListener("input", (event) => { stop(); goTo(Number(event.target.value)); });
  byId("hide").addEventListener("change", draw);
  byId("luck").addEventListener("click", () => change(() => { state.luck = (state.luck + 1) % (BAKED ? CONTENT.seeds.length : 1000); }, true));
  byId("restart").addEventListener("click", restart);
  byId("case").addEventListener("change", (event) => change(() => chooseCase(event.target.value), true));
  byId("language").addEventListener("change", (event) => { language = event.target.value; speak(); nameThings(); buildMarks(); buildPanel(); draw(); keepLink(); });
  byId("problem").querySelector("button").addEventListener("click", () => tellProblem(""));
  for (const button of document.querySelectorAll("[data-save]")) button.addEventListener("click", () => { byId("save").open = false; save(button.dataset.save); });
  window.addEventListener("popstate", () => { state = fromLink(location.hash); speak(); refresh(); });
  window.addEventListener("resize", () => runs.A && draw());
  window.addEventListener("beforeprint", buildPaper);
  document.addEventListener("keydown", keys);
}

/** Space plays and pauses where no control has the keyboard. */
function keys(event) {
  if (event.key === " " && event.target === document.body) {
    event.preventDefault();
    play();
  }
  if (event.key === "Escape") for (const plan of PLANS) hideTip(plan);
}

/** Another case: presets stay where they fit, settings go, for they belong to a case. */
function chooseCase(name) {
  state.case = name;
  for (const plan of PLANS) state[plan].settings = {};
}

function restart() {
  stop();
  byId("hide").checked = false;
  return change(() => { state = copy(START); }, true);
}

async function begin() {
  buildNetworks();
  buildCharts();
  state = fromLink(location.hash);
  speak();
  listen();
  byId("case-label").hidden = BAKED;
  for (const plan of PLANS) byId("save").querySelector(`[data-save="${plan}"]`).hidden = false;
  byId("play").focus({ preventScroll: true });
  if (!(await refresh())) {
    const line = byId("problem").querySelector("p").textContent;
    state = { ...copy(START), week: 0 };
    if (await refresh()) tellProblem(line);
  }
  keepLink();
  performance.mark("lab:first");
  document.documentElement.dataset.ready = "yes";
}

begin();
