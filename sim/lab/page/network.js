// The picture of who works with whom: seats on two rings in fixed places, ties, gifts. Drawn anew for every week.

const ROLE_COLOUR = ["#0072b2", "#d55e00", "#009e73", "#1d2733", "#8f4b79", "#8a6d00"];
const NEW_WEEKS = 26, FLOW_WEEKS = 4, STRAINED = 0.15, WEAK_TRUST = 0.28, STRONG_TRUST = 0.75;
const INNER = 0.46, OUTER = 0.97;
const networks = {};

/** Place of each seat, the same in both plans and all weeks: inner ring or outer, role beside role. */
function layout() {
  const seats = new Map();
  for (const plan of PLANS) {
    for (const [seat, , , , role, ring] of runs[plan].spells) if (!seats.has(seat)) seats.set(seat, { seat, role, ring });
  }
  const places = new Map();
  for (const ring of [0, 1]) {
    const group = [...seats.values()].filter((row) => row.ring === ring).sort((x, y) => x.role - y.role || x.seat - y.seat);
    group.forEach(({ seat }, i) => {
      const angle = -Math.PI / 2 + (2 * Math.PI * (i + 0.5 * ring)) / group.length;
      const reach = ring === 0 ? (group.length === 1 ? 0 : INNER) : OUTER;
      places.set(seat, { x: 0.5 + 0.5 * reach * Math.cos(angle), y: 0.5 + 0.5 * reach * Math.sin(angle) });
    });
  }
  return places;
}

function buildNetworks() {
  byId("networks").replaceChildren(...PLANS.map((plan) => {
    const canvas = make("canvas", { role: "img" }), field = make("div", { class: "field" }, canvas);
    const heading = make("h2"), what = make("span", { class: "what" });
    networks[plan] = { canvas, field, heading, what, buttons: new Map(), tip: null };
    return make("section", { class: `network plan-${plan.toLowerCase()}` }, make("div", { class: "plan-head" }, heading, what), field);
  }));
}

/** Put a button on every seat, so that it can be pointed at, touched and reached by keys. */
function placeButtons() {
  const places = layout();
  for (const plan of PLANS) {
    const view = networks[plan];
    view.places = new Map([...places].filter(([seat]) => runs[plan].bySeat[seat]?.length));
    for (const [seat, button] of view.buttons) if (!view.places.has(seat)) { button.remove(); view.buttons.delete(seat); }
    for (const seat of view.places.keys()) {
      if (view.buttons.has(seat)) continue;
      const show = () => showTip(plan, seat), hide = () => hideTip(plan);
      const button = make("button", { class: "seat", onmouseenter: show, onfocus: show, onclick: show, onmouseleave: hide, onblur: hide });
      view.buttons.set(seat, button);
      view.field.append(button);
    }
  }
}

function drawNetwork(plan) {
  const view = networks[plan], run = runs[plan], week = Math.min(state.week, run.weeks);
  const [pen, width, height] = cleared(view.canvas);
  const at = (seat) => {
    const place = view.places.get(seat);
    return { x: 22 + place.x * (width - 44), y: 22 + place.y * (height - 44) };
  };
  view.at = at;
  const look = lookAt(run, week);
  const seats = [...view.places.keys()].map((seat) => ({ seat, spell: spellOf(run, seat, week) })).filter((row) => row.spell);
  const members = seats.filter((row) => row.spell[3] >= 0).map((row) => row.seat);
  drawRing(pen, width, height);
  drawTies(pen, run, look, members, at);
  drawFlows(pen, run, week, members, at);
  for (const { seat, spell } of seats) drawSeat(pen, at(seat), spell, week, feeling(run, "engagement", look, seat));
  if (run.ended >= 0 && week >= run.ended) drawEnd(pen, width, height, run);
  for (const [seat, button] of view.buttons) moveButton(button, plan, seat, at(seat), week);
  view.canvas.setAttribute("aria-label", `${say("view.network", { plan })}. ${say("view.week", { week })}.`);
}

function drawRing(pen, width, height) {
  pen.strokeStyle = "#e3e7eb";
  pen.lineWidth = 1.5;
  for (const reach of [INNER, OUTER]) {
    pen.beginPath();
    pen.ellipse(width / 2, height / 2, (reach * (width - 44)) / 2, (reach * (height - 44)) / 2, 0, 0, 2 * Math.PI);
    pen.stroke();
  }
}

function drawTies(pen, run, look, members, at) {
  for (let a = 0; a < members.length; a++) {
    for (let b = a + 1; b < members.length; b++) {
      const trust = tie(run, "trust", look, members[a], members[b]), strain = tie(run, "strain", look, members[a], members[b]);
      const strength = clamp((trust - WEAK_TRUST) / (STRONG_TRUST - WEAK_TRUST), 0, 1);
      if (strength > 0) line(pen, at(members[a]), at(members[b]), `rgba(70,90,110,${0.1 + 0.6 * strength})`, 0.5 + 4.5 * strength, []);
      if (strain > STRAINED) line(pen, at(members[a]), at(members[b]), `rgba(190,20,20,${clamp(0.35 + strain, 0, 1)})`, 1.5 + 3 * strain, [5, 4]);
    }
  }
  pen.setLineDash([]);
}

function line(pen, from, to, colour, width, dash) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.setLineDash(dash);
  pen.beginPath();
  pen.moveTo(from.x, from.y);
  pen.lineTo(to.x, to.y);
  pen.stroke();
}

/** What was given in the last weeks, as bent arrows. */
function drawFlows(pen, run, week, members, at) {
  const there = new Set(members);
  for (const [when, giver, taker, kind] of run.transfers) {
    if (when > week) break;
    if (when <= week - FLOW_WEEKS || kind >= CATALOGUE.resources.length || !there.has(giver) || !there.has(taker)) continue;
    arrow(pen, at(giver), at(taker));
  }
}

function arrow(pen, from, to) {
  const dx = to.x - from.x, dy = to.y - from.y, length = Math.hypot(dx, dy) || 1;
  const bend = { x: (from.x + to.x) / 2 - dy * 0.16, y: (from.y + to.y) / 2 + dx * 0.16 };
  const end = { x: to.x - (dx / length) * 13, y: to.y - (dy / length) * 13 };
  const angle = Math.atan2(end.y - bend.y, end.x - bend.x);
  pen.strokeStyle = pen.fillStyle = "#007a55";
  pen.lineWidth = 2.2;
  pen.beginPath();
  pen.moveTo(from.x, from.y);
  pen.quadraticCurveTo(bend.x, bend.y, end.x, end.y);
  pen.stroke();
  pen.beginPath();
  pen.moveTo(end.x, end.y);
  for (const turn of [2.6, -2.6]) pen.lineTo(end.x + 9 * Math.cos(angle + turn), end.y + 9 * Math.sin(angle + turn));
  pen.fill();
}

/** Outline of a role: circle, square, triangle, diamond, hexagon, star. */
function outline(pen, { x, y }, role, size) {
  const corners = [0, 4, 3, 4, 6, 10][role] ?? 0;
  pen.beginPath();
  if (corners === 0) pen.arc(x, y, size, 0, 2 * Math.PI);
  for (let i = 0; i < corners; i++) {
    const turn = (role === 1 ? Math.PI / 4 : 0) - Math.PI / 2 + (2 * Math.PI * i) / corners;
    const reach = size * [1, 1.2, 1.3, 1.25, 1.12, i % 2 ? 0.75 : 1.35][role];
    pen[i ? "lineTo" : "moveTo"](x + reach * Math.cos(turn), y + reach * Math.sin(turn));
  }
  pen.closePath();
}

function drawSeat(pen, place, spell, week, engagement) {
  const [, start, , person, role] = spell, letter = say(`roles.${CATALOGUE.roles[role]}.letter`);
  const size = person < 0 ? 9 : 8.5 + 6.5 * clamp(Number.isFinite(engagement) ? engagement : 0.5, 0, 1);
  outline(pen, place, role, size + 2.5);
  pen.fillStyle = "#fff";
  pen.fill();
  outline(pen, place, role, size);
  pen.lineWidth = 2;
  pen.setLineDash(person < 0 ? [2.5, 2.5] : []);
  pen.strokeStyle = pen.fillStyle = ROLE_COLOUR[role];
  if (person >= 0) pen.fill();
  pen.stroke();
  pen.setLineDash([]);
  pen.fillStyle = person < 0 ? ROLE_COLOUR[role] : "#fff";
  pen.font = "bold 10px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(letter, place.x, place.y + 0.5);
  if (person >= 0 && start > 0 && week - start < NEW_WEEKS) drawNew(pen, place, size);
}

/** Ring and plus round a seat whose person came lately. */
function drawNew(pen, { x, y }, size) {
  pen.strokeStyle = "#1d2733";
  pen.lineWidth = 1.6;
  pen.beginPath();
  pen.arc(x, y, size + 6, 0, 2 * Math.PI);
  pen.stroke();
  const corner = { x: x + size + 4, y: y - size - 2 };
  pen.fillStyle = "#fff";
  pen.beginPath();
  pen.arc(corner.x, corner.y, 5.5, 0, 2 * Math.PI);
  pen.fill();
  line(pen, { x: corner.x - 4, y: corner.y }, { x: corner.x + 4, y: corner.y }, "#1d2733", 2, []);
  line(pen, { x: corner.x, y: corner.y - 4 }, { x: corner.x, y: corner.y + 4 }, "#1d2733", 2, []);
}

function drawEnd(pen, width, height, { ended, events }) {
  pen.fillStyle = "#1d2733";
  pen.font = "600 17px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.fillText(say("view.ended_week", { week: ended }), width / 2, height / 2 - 11, width - 20);
  const end = events.find((event) => event.kind === "ended");
  if (end) pen.fillText(say(`ends.${end.reason}`), width / 2, height / 2 + 13, width - 20);
}

function moveButton(button, plan, seat, place, week) {
  const spell = spellOf(runs[plan], seat, week);
  button.hidden = !spell;
  if (!spell) return;
  button.style.left = `${place.x}px`;
  button.style.top = `${place.y}px`;
  const role = say(`roles.${CATALOGUE.roles[spell[4]]}.name`);
  button.setAttribute("aria-label", `${say(`plans.${plan}`)}, ${say("seat.label", { role, seat: seat + 1, person: personWords(spell) })}`);
}

function personWords([, start, , person]) {
  if (person < 0) return say("seat.empty", { week: start });
  return say(start === 0 ? "seat.founder" : "seat.person", { person: person + 1, week: start });
}

function showTip(plan, seat) {
  hideTip(plan);
  const view = networks[plan], { x, y } = view.at(seat), height = view.field.clientHeight, width = view.field.clientWidth;
  view.tip = make("div", { class: "tip", role: "status" }, ...tipLines(plan, seat));
  view.tipSeat = seat;
  view.field.append(view.tip);
  view.tip.style.left = `${clamp(x - view.tip.offsetWidth / 2, 0, Math.max(0, width - view.tip.offsetWidth))}px`;
  if (y > height / 2) view.tip.style.bottom = `${height - y + 22}px`;
  else view.tip.style.top = `${y + 22}px`;
}

function hideTip(plan) {
  networks[plan].tip?.remove();
  networks[plan].tip = null;
}

function tipLines(plan, seat) {
  const run = runs[plan], week = Math.min(state.week, run.weeks), spell = spellOf(run, seat, week);
  if (!spell) return [make("p", {}, say("seat.none", { week }))];
  const [, , , person, role, ring, organisation] = spell, look = lookAt(run, week);
  const about = { role: say(`roles.${CATALOGUE.roles[role]}.name`), ring: say(ring === 0 ? "view.research_team" : "view.core_team") };
  const feels = {
    engagement: number(feeling(run, "engagement", look, seat)),
    trust: number(tiesOf(run, "trust", look, seat)),
    strain: number(tiesOf(run, "strain", look, seat)),
  };
  const events = seatEvents(run, seat, week);
  return [
    make("strong", {}, say("seat.about", about)),
    make("p", {}, personWords(spell)),
    make("p", {}, organisationWords(run, organisation)),
    person >= 0 ? make("p", {}, say("seat.feels", feels)) : null,
    make("ul", {}, ...(events.length ? events : [say("seat.nothing")]).map((text) => make("li", {}, text))),
  ];
}

function organisationWords(run, organisation) {
  if (organisation < 0) return say("seat.no_organisation");
  const name = run.organisations[organisation];
  return name ? say("seat.organisation", { organisation: name.replaceAll("_", " ") }) : say("seat.joined");
}

/** Last three things that happened to a seat, the latest first. */
function seatEvents(run, seat, week) {
  const found = run.events
    .filter((event) => event.seat === seat && event.week <= week)
    .map((event) => [event.week, say(`seat.${event.kind}`, { week: event.week, person: event.person + 1 })]);
  for (const [when, giver, taker, kind] of run.transfers) {
    if (when > week) break;
    if (giver !== seat && taker !== seat) continue;
    const verb = kind >= CATALOGUE.resources.length ? (giver === seat ? "refuses" : "refused") : giver === seat ? "gave" : "got";
    const what = say(`resources.${CATALOGUE.resources[kind % CATALOGUE.resources.length]}`), other = (giver === seat ? taker : giver) + 1;
    found.push([when, say(`seat.${verb}`, { week: when, what, other })]);
  }
  return found.sort((x, y) => y[0] - x[0]).slice(0, 3).map((row) => row[1]);
}

/** What the shapes and lines mean. */
function buildLegend() {
  const shapes = CATALOGUE.roles.map((name, role) => {
    const canvas = make("canvas", { width: 40, height: 40, "aria-hidden": "true" }), pen = canvas.getContext("2d");
    pen.scale(2, 2);
    outline(pen, { x: 10, y: 10 }, role, 7);
    pen.fillStyle = ROLE_COLOUR[role];
    pen.fill();
    return make("span", {}, canvas, `${say(`roles.${name}.letter`)} ${say(`roles.${name}.name`)}`);
  });
  const rest = ["tie", "strain", "flow", "size", "new", "empty", "fan"].map((name) => make("span", {}, `· ${say(`view.legend_${name}`)}`));
  byId("legend").replaceChildren(...shapes, ...rest);
}
