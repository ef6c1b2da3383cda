// Curves of both plans over the weeks, with the band of other luck. What comes after the week shown is pale, or hidden.

const CURVES = ["output", "integration", "atmosphere", "benefit", "adaptation", "trust"];
const FROM_ZERO = new Set(["output", "integration", "benefit", "adaptation"]);
const charts = {};

function buildCharts() {
  byId("charts").replaceChildren(...CURVES.map((name) => {
    const canvas = make("canvas", { role: "img" }), heading = make("button", { onclick: () => chooseCurve(name) });
    charts[name] = { canvas, heading, box: make("section", { class: "chart" }, make("h3", {}, heading), canvas) };
    return charts[name].box;
  }));
}

function nameCharts() {
  for (const name of CURVES) {
    charts[name].heading.textContent = say(`curves.${name}.name`);
    charts[name].heading.title = say(`curves.${name}.help`);
  }
}

/** The curve that the sentence on luck speaks of. */
function chooseCurve(name) {
  state.curve = name;
  draw();
  keepLink();
}

/** Range of an axis that holds both curves and both bands, in round steps, so that small changes do not move it. */
function rangeOf(name) {
  let low = Infinity, high = -Infinity;
  const take = (value) => {
    if (Number.isFinite(value)) { low = Math.min(low, value); high = Math.max(high, value); }
  };
  for (const plan of PLANS) {
    runs[plan].curves[name].forEach(take);
    bands[plan]?.bands[name]?.flat().forEach(take);
  }
  if (low > high) return [0, 1];
  const step = name === "output" ? 2 : FROM_ZERO.has(name) ? 0.2 : 0.1;
  const [bottom, top] = [Math.floor(low / step) * step, Math.ceil(high / step) * step];
  return FROM_ZERO.has(name) ? [Math.min(0, bottom), Math.max(step, top)] : [bottom, Math.max(bottom + step, top)];
}

function drawChart(name) {
  const { canvas, heading, box } = charts[name];
  heading.setAttribute("aria-pressed", String(state.curve === name));
  box.classList.toggle("chosen", state.curve === name);
  const [pen, width, height] = cleared(canvas);
  const weeks = Math.max(runs.A.weeks, runs.B.weeks), [low, high] = rangeOf(name);
  const left = 30, right = 6, top = 6, bottom = 18;
  const x = (week) => left + (week / weeks) * (width - left - right);
  const y = (value) => top + ((high - value) / (high - low)) * (height - top - bottom);
  drawAxes(pen, { x, y, weeks, low, high, width, height });
  const hidden = byId("hide").checked, until = hidden ? state.week : weeks;
  pen.save();
  pen.beginPath();
  pen.rect(left, 0, x(until) - left + 1, height - bottom + 1);
  pen.clip();
  for (const plan of PLANS) if (bands[plan]?.bands[name]) drawBand(pen, bands[plan], name, x, y, plan);
  for (const plan of PLANS) {
    drawCurve(pen, runs[plan].curves[name], 0, state.week, x, y, plan, 1);
    if (!hidden) drawCurve(pen, runs[plan].curves[name], state.week, weeks, x, y, plan, 0.4);
  }
  pen.restore();
  line(pen, { x: x(state.week), y: top - 4 }, { x: x(state.week), y: height - bottom }, "#1d2733", 1.5, []);
  const values = PLANS.map((plan) => `${plan} ${number(runs[plan].curves[name][state.week])}`).join(", ");
  canvas.setAttribute("aria-label", `${say(`curves.${name}.name`)}, ${say("view.week", { week: state.week })}: ${values}`);
}

function drawAxes(pen, { x, y, weeks, low, high, width, height }) {
  pen.font = "11.5px system-ui, sans-serif";
  pen.fillStyle = "#566270";
  pen.textBaseline = "middle";
  pen.textAlign = "right";
  const digits = high - low >= 2 ? 0 : Math.round(((low + high) / 2) * 100) % 10 ? 2 : 1;
  for (const value of [low, (low + high) / 2, high]) {
    line(pen, { x: x(0), y: y(value) }, { x: width - 6, y: y(value) }, "#e8ebee", 1, []);
    pen.fillText(number(value, digits), x(0) - 4, y(value));
  }
  if (low < 0) line(pen, { x: x(0), y: y(0) }, { x: width - 6, y: y(0) }, "#8b95a1", 1, []);
  pen.textAlign = "center";
  for (let week = 0; week <= weeks; week += weeks > 300 || width < 230 ? 104 : 52) pen.fillText(String(week), clamp(x(week), 8, width - 12), height - 8);
}

function drawBand(pen, fan, name, x, y, plan) {
  const points = fan.bands[name].map(([low, high], k) => [x((k + 0.5) * fan.every), y(low), y(high)]).filter((row) => row.every(Number.isFinite));
  pen.fillStyle = COLOUR[plan];
  pen.globalAlpha = 0.13;
  pen.beginPath();
  points.forEach(([across, low], i) => pen[i ? "lineTo" : "moveTo"](across, low));
  points.reverse().forEach(([across, , high]) => pen.lineTo(across, high));
  pen.fill();
  pen.globalAlpha = 1;
}

function drawCurve(pen, curve, from, until, x, y, plan, alpha) {
  pen.strokeStyle = COLOUR[plan];
  pen.globalAlpha = alpha;
  pen.lineWidth = plan === "A" ? 3.4 : 2.2;
  pen.setLineDash(plan === "A" ? [] : [7, 3.5]);
  pen.lineJoin = "round";
  pen.beginPath();
  let open = false;
  for (let week = from; week <= Math.min(until, curve.length - 1); week++) {
    if (!Number.isFinite(curve[week])) { open = false; continue; }
    pen[open ? "lineTo" : "moveTo"](x(week), y(curve[week]));
    open = true;
  }
  pen.stroke();
  pen.setLineDash([]);
  pen.globalAlpha = 1;
}
