// Lessons: predict, run, compare, discuss; notes for the teacher; the same text for paper.

let lesson = Object.keys(CATALOGUE.lessons)[0];
const guesses = {};

const dot = (...names) => ["lessons", ...names].join(".");

function lessonParts() {
  if (!lesson) return [];
  const choose = make("select", { id: "lesson", onchange: (event) => { lesson = event.target.value; buildPanel(); } },
    ...Object.keys(CATALOGUE.lessons).map((name) => make("option", { value: name }, say(dot(name, "title")))));
  choose.value = lesson;
  const row = CATALOGUE.lessons[lesson];
  return [
    make("label", {}, say("exercise.choose"), choose),
    make("h2", {}, say(dot(lesson, "question"))),
    make("p", { class: "help" }, `${say("exercise.minutes", { minutes: row.minutes })}. ${say("exercise.goals")}`),
    listOf(words(dot(lesson, "goals"))),
    ...Object.keys(row.cards).map((card) => cardOf(lesson, card)),
    make("details", {}, make("summary", {}, say("exercise.notes")), ...notesOf(lesson)),
  ];
}

const listOf = (lines) => make("ul", {}, ...lines.map((text) => make("li", {}, text)));

function cardOf(name, card) {
  const { a, b } = CATALOGUE.lessons[name].cards[card], key = `${name}.${card}`, text = (part) => say(dot(name, "cards", card, part));
  const guess = make("textarea", { "aria-label": say("exercise.my_guess"), placeholder: say("exercise.my_guess"), maxlength: 500, value: guesses[key] || "", oninput: () => { guesses[key] = guess.value; } });
  const plans = `${say("say.about", { name: "A", what: say(dot(name, "plans", a)) })}. ${say("say.about", { name: "B", what: say(dot(name, "plans", b)) })}.`;
  return make("section", { class: "card" }, make("h3", {}, text("title")), make("dl", {},
    make("dt", {}, say("exercise.predict")), make("dd", {}, text("predict"), guess),
    make("dt", {}, say("exercise.run")), make("dd", {}, text("run"), make("p", { class: "help" }, plans),
      make("button", { class: "set-up", onclick: () => setUp(name, card) }, say("exercise.set_up"))),
    make("dt", {}, say("exercise.compare")), make("dd", {}, text("compare")),
    make("dt", {}, say("exercise.discuss")), make("dd", {}, text("discuss"))));
}

function answerWords(name, claim) {
  const row = CATALOGUE.lessons[name].claims[claim], values = { ...row, of: 100 };
  const kind = "at_most" in row ? "count_luck" : ["later", "beyond", "under", "zero", "ended"].includes(row.kind) ? "count_runs" : "count";
  return say(dot(name, "answers", claim), { count: say(`exercise.${kind}`, values) });
}

function notesOf(name) {
  const claims = Object.keys(CATALOGUE.lessons[name].claims);
  return [
    make("h3", {}, say("exercise.timing")), make("p", {}, say(dot(name, "timing"))),
    make("h3", {}, say("exercise.answers")), listOf(claims.map((claim) => answerWords(name, claim))),
    make("p", { class: "help" }, say("exercise.counted")), listOf(words(dot(name, "notes"))),
    make("h3", {}, say("exercise.limits")), listOf(words(dot(name, "limits"))),
  ];
}

/** Put the two plans of a card into the page. */
function setUp(name, card) {
  const { a, b, week, curve } = CATALOGUE.lessons[name].cards[card];
  stop();
  return change(() => {
    Object.assign(state, { week, curve });
    PLANS.forEach((plan, i) => putPlan(name, [a, b][i], plan));
    byId("hide").checked = true;
  }, true);
}

function putPlan(name, wanted, plan) {
  const row = CATALOGUE.lessons[name], given = row.plans[wanted], settings = given.settings || {};
  if (!BAKED) {
    Object.assign(state, { case: row.case, seed: 1, posterior: "none" });
    state[plan] = { scenario: given.scenario, settings: copy(settings) };
    return;
  }
  const alike = ({ plan: baked }) => baked.case === row.case && baked.scenario === given.scenario && sameSettings(baked.settings, settings);
  state[plan] = { baked: CONTENT.baked.findIndex((one) => alike(one.runs[0])) };
}

function sameSettings(x, y) {
  const plain = (settings) => JSON.stringify(Object.keys(settings).sort().map((key) => [key, settings[key]]));
  return plain(x) === plain(y);
}

/** The chosen lesson on paper, with lines to write on. */
function buildPaper() {
  if (!lesson) return;
  const row = CATALOGUE.lessons[lesson], lines = () => [make("div", { class: "line" }), make("div", { class: "line" })];
  const part = (card, name, room) => [make("p", {}, make("strong", {}, `${say(`exercise.${name}`)}. `), say(dot(lesson, "cards", card, name))), ...(room ? lines() : [])];
  const cards = Object.keys(row.cards).map((card) => make("section", { class: "card" }, make("h3", {}, say(dot(lesson, "cards", card, "title"))),
    ...part(card, "predict", true), ...part(card, "run", false), ...part(card, "compare", true), ...part(card, "discuss", true)));
  byId("print").replaceChildren(
    make("article", {}, make("h1", {}, say(dot(lesson, "title"))), make("p", {}, say(dot(lesson, "question"))), listOf(words(dot(lesson, "goals"))), ...cards, make("p", {}, say("say.limits"))),
    make("article", {}, make("h1", {}, say("exercise.notes")), ...notesOf(lesson)));
}
