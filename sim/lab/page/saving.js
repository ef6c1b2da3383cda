// Pictures, tables and settings to take home.

function download(name, kind, body) {
  const url = URL.createObjectURL(new Blob([body], { type: kind }));
  const link = make("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** All weeks of both plans, one row per plan and week, exact numbers. */
function dataTable() {
  const names = Object.keys(runs.A.curves), rows = [["plan", "case", "preset", "seed", "replicate", "week", ...names].join(",")];
  for (const plan of PLANS) {
    const run = runs[plan], { case: town, scenario, seed, replicate } = run.plan;
    for (let week = 0; week <= run.weeks; week++) {
      const values = names.map((name) => (Number.isFinite(run.curves[name][week]) ? run.curves[name][week] : ""));
      rows.push([plan, town, scenario, seed, replicate, week, ...values].join(","));
    }
  }
  return `${rows.join("\n")}\n`;
}

/** One picture of both networks, the curves and the sentences. */
function picture() {
  const boxes = [...PLANS.map((plan) => networks[plan].canvas), ...CURVES.map((name) => charts[name].canvas)];
  const width = 1600, big = make("canvas", { width, height: 1130 }), pen = big.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, width, big.height);
  const write = (text, x, y, size, colour = "#1d2733", room = width) => {
    pen.fillStyle = colour;
    pen.font = `${size}px system-ui, sans-serif`;
    pen.fillText(text, x, y, room);
  };
  write(`${say("page.title")} · ${say("view.week", { week: state.week })}`, 30, 45, 28);
  boxes.forEach((canvas, i) => {
    const chart = i - 2, [x, y, room, high] = i < 2 ? [30 + i * 785, 115, 755, 520] : [30 + chart * 259, 700, 248, 190];
    const scale = Math.min(room / canvas.width, high / canvas.height);
    pen.drawImage(canvas, x, y, canvas.width * scale, canvas.height * scale);
    if (i < 2) write(say("say.about", { name: say(`plans.${PLANS[i]}`), what: planName(PLANS[i]) }), x, 95, 22, COLOUR[PLANS[i]], room);
    else write(say(`curves.${CURVES[chart]}.name`), x, 690, 17, "#1d2733", room);
  });
  [...byId("story").querySelectorAll("p")].forEach((line, i) => write(line.textContent, 30, 945 + 32 * i, 19, "#1d2733", width - 60));
  write(say("say.limits"), 30, 1105, 15, "#566270", width - 60);
  return new Promise((done) => big.toBlob(done, "image/png"));
}

async function copyLink() {
  keepLink();
  try {
    await navigator.clipboard.writeText(location.href);
    tellProblem(say("page.link_copied"));
  } catch {
    tellProblem(say("page.copy_failed"));
  }
}

async function save(what) {
  if (what === "picture") download("lab.png", "image/png", await picture());
  if (what === "data") download("lab.csv", "text/csv", dataTable());
  if (PLANS.includes(what)) download(`plan_${what.toLowerCase()}.yaml`, "application/yaml", runs[what].file);
  if (what === "link") await copyLink();
  if (what === "print") window.print();
}
