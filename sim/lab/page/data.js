// Answers of the model: asked of the server, or found in the file; arrays decoded bit by bit.

const KINDS = { f8: Float64Array, f4: Float32Array, u4: Uint32Array, u2: Uint16Array, u1: Uint8Array };

function decoded(text, kind) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new KINDS[kind](bytes.buffer);
}

/** Answer of the server to a question about a plan; problems are thrown as one text. */
async function asked(question, plan) {
  let reply;
  try {
    const body = JSON.stringify(plan);
    reply = await fetch(`/api/${question}`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  } catch {
    throw new Error(say("page.offline"));
  }
  const answer = await reply.json();
  if (!reply.ok) throw new Error(answer.problems.join("\n"));
  return answer;
}

const fans = new Map();

async function askRun(plan) {
  if (BAKED) return readRun(CONTENT.baked[plan.baked].runs[plan.replicate]);
  return readRun(await asked("run", plan));
}

/** Learn what the shocks of a run did, against the same luck without them. */
async function learnRecoveries(run, plan) {
  run.recoveries ??= run.shocks.length ? await asked("shocks", plan) : {};
}

async function askFan(plan) {
  const key = JSON.stringify(BAKED ? plan.baked : { ...plan, replicate: 0 });
  if (!fans.has(key)) {
    const fan = BAKED ? CONTENT.baked[plan.baked].fan : await asked("fan", { ...plan, replicate: 0 });
    fans.set(key, readFan(fan));
    if (fans.size > 40) fans.delete(fans.keys().next().value);
  }
  return fans.get(key);
}

function readRun(answer) {
  const run = { ...answer, curves: {}, print: decoded(answer.print, "u4") };
  for (const [name, text] of Object.entries(answer.curves)) run.curves[name] = decoded(text, "f8");
  const n = answer.ties.n;
  run.ties = { n, weeks: answer.ties.weeks };
  for (const name of ["trust", "strain"]) run.ties[name] = decoded(answer.ties[name], "u1");
  run.feelings = {};
  for (const [name, text] of Object.entries(answer.seats)) run.feelings[name] = decoded(text, "u1");
  const flat = decoded(answer.transfers, "u2");
  run.transfers = Array.from({ length: flat.length / 4 }, (_, i) => flat.subarray(4 * i, 4 * i + 4));
  run.lastWeek = answer.ended < 0 ? answer.weeks : answer.ended - 1;
  run.bySeat = Array.from({ length: n }, (_, seat) => answer.spells.filter((spell) => spell[0] === seat));
  return run;
}

/** Curves of other luck as rows of means over stretches of weeks, with the band in which nine runs in ten lie. */
function readFan(answer) {
  const fan = { every: answer.every, replicates: answer.replicates, means: {}, bands: {} };
  for (const [name, text] of Object.entries(answer.curves)) {
    const flat = decoded(text, "f4"), stretches = flat.length / fan.replicates;
    const rows = Array.from({ length: fan.replicates }, (_, r) => flat.subarray(r * stretches, (r + 1) * stretches));
    fan.means[name] = rows;
    fan.bands[name] = Array.from({ length: stretches }, (_, k) => {
      const there = rows.map((row) => row[k]).filter(Number.isFinite).sort((x, y) => x - y);
      return [quantile(there, 0.05), quantile(there, 0.95)];
    });
  }
  return fan;
}

/** First week in which any measure of two runs differs in any bit; Infinity if none does. */
function partingWeek(a, b) {
  const weeks = Math.min(a.print.length, b.print.length);
  for (let week = 0; week < weeks; week++) if (a.print[week] !== b.print[week]) return week;
  return Infinity;
}

/** Place of the last look at the ties not later than a week. */
function lookAt(run, week) {
  const weeks = run.ties.weeks;
  let place = Math.min(weeks.length - 1, Math.floor((week / run.weeks) * weeks.length) + 1);
  while (place > 0 && weeks[place] > week) place--;
  return place;
}

/** Who is in a seat in a week: a spell, or undefined when there is no such seat then. */
function spellOf(run, seat, week) {
  if (week > run.lastWeek) return undefined;
  return (run.bySeat[seat] || []).find((spell) => spell[1] <= week && week < spell[2]);
}

const share = (byte) => (byte === 255 || byte === undefined ? NaN : byte / 200);

function tie(run, name, look, i, j) {
  const n = run.ties.n, [low, high] = i < j ? [i, j] : [j, i];
  const pairs = (n * (n - 1)) / 2, place = (low * (2 * n - low - 1)) / 2 + (high - low - 1);
  return share(run.ties[name][look * pairs + place]);
}

/** Mean tie of a seat with the others. */
function tiesOf(run, name, look, seat) {
  const all = [];
  for (let other = 0; other < run.ties.n; other++) if (other !== seat) all.push(tie(run, name, look, seat, other));
  return mean(all.filter(Number.isFinite));
}

const feeling = (run, name, look, seat) => share(run.feelings[name][look * run.ties.n + seat]);
