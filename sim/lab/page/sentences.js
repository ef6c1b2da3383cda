// What happened, in plain words: where the plans part, the latest event, the numbers now, and whether it is luck.

const SURE = 0.9, HALF_YEAR = 26;
const EVENT_ORDER = ["ended", "shock", "left", "closed", "lever", "came", "win"];

function tellStory() {
  const strangers = runs.A.plan.case !== runs.B.plan.case;
  const line = (text, look) => (text ? make("p", { class: look }, text) : null);
  const lines = [line(now(), "now"), line(latest()), line(strangers ? say("say.cases_differ") : partingWords()), strangers ? null : line(luckWords())];
  byId("story").replaceChildren(...lines.filter(Boolean));
}

function partingWords() {
  const week = partingWeek(runs.A, runs.B);
  if (week === Infinity) return say("say.identical_all");
  if (week === 0) return say("say.apart");
  return week > state.week ? say("say.identical") : say("say.parted", { week, before: week - 1 });
}

const sameEvent = (x, y) => JSON.stringify(x) === JSON.stringify(y);

/** The most telling event of the latest eventful week of the last half year, in either plan. */
function latest() {
  const week = state.week;
  const near = PLANS.flatMap((plan) => runs[plan].events.filter((event) => event.week <= week && event.week > week - 26).map((event) => ({ plan, event })));
  if (!near.length) return "";
  const weight = ({ event }) => event.week - 8 * EVENT_ORDER.indexOf(event.kind);
  const { plan, event } = near.reduce((best, row) => (weight(row) > weight(best) ? row : best));
  const other = plan === "A" ? "B" : "A";
  const both = runs[other].events.some((one) => sameEvent(one, event));
  const where = both ? say("say.both") : say("say.only", { plan: say(`plans.${plan}`) });
  return eventWords(event, where) + (event.kind === "shock" ? ` ${recoveryWords(event)}` : "");
}

function eventWords(event, where) {
  const values = { ...event, where };
  if (event.role) values.role = say(`roles.${event.role}.name`).toLocaleLowerCase(language);
  if ("seat" in event) values.seat = event.seat + 1;
  if (event.kind === "shock") values.what = words(`shocks.names.${event.name}`) || say(`shocks.${event.what}`);
  if (event.kind === "left") Object.assign(values, { then: vacancyWords(event), why: causeWords(event) });
  if (event.kind === "lever") Object.assign(values, { lever: (words(`levers.${event.lever}`) || words(`hours.${event.lever}`)).name, value: number(event.value) });
  if (event.kind === "ended") values.reason = say(`ends.${event.reason}`);
  return say(`say.${event.kind}`, values);
}

const causeWords = ({ cause }) => (cause ? ` (${say(`causes.${cause}`)})` : "");

function vacancyWords({ empty, filled }) {
  if (!filled) return say("say.left_unfilled");
  return empty ? say("say.left_empty", { weeks: empty }) : say("say.left_filled");
}

/**
 * How each plan with this shock got over it: the model's own measure, against the same luck without the shock. Nothing
 * is said yet where it would give away weeks that are hidden.
 */
function recoveryWords(event) {
  const told = (weeks) => weeks !== undefined && (!byId("hide").checked || event.week + weeks <= state.week);
  const parts = PLANS.filter((plan) => told(runs[plan].recoveries?.[event.name]?.recovery_weeks)).map((plan) => {
    const { recovered, recovery_weeks: weeks } = runs[plan].recoveries[event.name];
    return say(recovered ? (weeks ? "say.recovers" : "say.unhurt") : "say.never", { plan, weeks });
  });
  return parts.length ? say("say.recovery", { parts: parts.join("; ") }) : "";
}

function now() {
  const at = (name, plan, digits) => number(runs[plan].curves[name][state.week], digits);
  return say("say.now", {
    a: at("output", "A", 1), b: at("output", "B", 1), trust_a: at("trust", "A"), trust_b: at("trust", "B"),
    members_a: at("members", "A", 0), members_b: at("members", "B", 0),
  });
}

/** In how many lucks a plan is ahead over the half year up to now: pairs of runs with equal luck. */
function tally(name) {
  const { A, B } = bands, place = Math.min(Math.floor(state.week / A.every), A.means[name][0].length, B.means[name][0].length);
  const span = [...Array(Math.round(HALF_YEAR / A.every)).keys()].map((k) => place - 1 - k).filter((k) => k >= 0);
  const count = { a: 0, b: 0, same: 0, n: 0 };
  for (let r = 0; r < A.replicates; r++) {
    const gap = mean(span.map((k) => A.means[name][r][k])) - mean(span.map((k) => B.means[name][r][k]));
    if (!Number.isFinite(gap)) continue;
    count.n++;
    count[gap > 0 ? "a" : gap < 0 ? "b" : "same"]++;
  }
  return count;
}

function luckWords() {
  if (!bands.A || !bands.B) return say("say.luck_waiting");
  if (state.week < bands.A.every || partingWeek(runs.A, runs.B) > state.week) return "";
  const { a, b, same, n } = tally(state.curve), name = say(`curves.${state.curve}.name`);
  if (n < 10) return say("say.no_luck");
  if (same === n) return say("say.same_luck", { n });
  if (Math.max(a, b) >= SURE * n) return say("say.about", { name, what: say("say.beyond_luck", { plan: a > b ? "A" : "B", ahead: Math.max(a, b), n }) });
  return say("say.about", { name, what: say("say.within_luck", { a, b, n }) });
}
