// The cells of a page: Run, Edit, Reset, and what came of it in the place of what the book has.
function cells(home) {
  const page = home.page, kept = edits(page);
  const all = [...document.querySelectorAll("div.cell")].flatMap((cell) => {
    const shell = cell.querySelector(".cell_input"), pre = shell?.querySelector("pre");
    return pre ? [{ cell, shell, pre, code: pre.closest("div[class^=highlight-]") || pre, stored: cell.querySelector(".cell_output") }] : [];
  });
  if (!all.length) return;

  const make = (name, kind, words = "") => Object.assign(document.createElement(name), { className: kind, textContent: words });
  const region = make("p", "visually-hidden");
  region.setAttribute("role", "status");
  let busy, ran = [], loaded = false;
  const python = session(home.worker, (words) => { if (busy) busy.said.textContent = `${words} …`; if (words.startsWith("Loading Python")) region.textContent = words; });

  const button = (words, label, act) => {
    const made = make("button", "live-button", words);
    made.type = "button";
    made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
    return made;
  };

  all.forEach((one, i) => {
    const name = `cell ${i + 1}`;
    one.was = one.pre.textContent.replace(/\n$/, "");
    one.text = () => (one.area ? one.area.value : one.was);
    one.run = button("Run", `Run ${name}`, () => (busy ? python.stop() : run(i)));
    one.edit = button("Edit", `Edit ${name}`, () => { open(one, i); one.area.focus(); });
    one.reset = button("Reset", `Reset ${name}`, () => reset(one, i));
    one.upTo = button("Run all to here", `Run all to here, ${name}`, () => busy || run(i, true));
    one.said = make("span", "live-said");
    one.bar = make("div", "live-bar");
    one.bar.append(one.run, one.edit, one.upTo, one.reset, one.said);
    one.reset.hidden = true;
    one.shell.append(one.bar);
    const edited = kept.of(i, one.was);
    if (edited !== undefined) { open(one, i, edited); one.said.textContent = "Your version, from your last visit."; }
  });

  function open(one, i, text = one.was) {
    if (one.area) return;
    const area = one.area = make("textarea", "live-code");
    area.value = text;
    area.spellcheck = false;
    area.setAttribute("autocapitalize", "off");
    area.setAttribute("aria-label", `Code of cell ${i + 1}. Shift and Enter run it.`);
    const fit = () => { area.rows = area.value.split("\n").length; };
    area.addEventListener("input", () => { fit(); kept.keep(i, one.was, area.value); });
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.shiftKey) { event.preventDefault(); if (!busy) run(i); }
    });
    fit();
    one.code.classList.add("live-away");
    one.code.after(area);
    one.edit.hidden = true;
    one.reset.hidden = false;
  }

  function reset(one, i) {
    one.area?.remove();
    one.area = undefined;
    kept.keep(i, one.was, one.was);
    one.code.classList.remove("live-away");
    if (one.mine) show(one, false);
    one.mine = undefined;
    one.said.textContent = "";
    one.edit.hidden = false;
    one.reset.hidden = true;
    one.run.focus();
  }

  // Mine or the book's: one of them is in the page, so that no id stands twice.
  function show(one, mine) {
    const [shown, away] = mine ? [one.mine, one.stored] : [one.stored, one.mine];
    if (away?.isConnected) shown ? away.replaceWith(shown) : away.remove();
    else if (shown && !shown.isConnected) (one.shell.closest("details.above-input") || one.shell).after(shown);
  }

  function draw(one, result, i) {
    const mine = make("div", "cell_output docutils container live-output"), label = make("p", "live-label", "Yours");
    mine.append(...outputs(result.outputs, one.stored));
    const failed = result.outputs.some((each) => each.kind === "error");
    if (!failed && one.stored && !mine.querySelector("figure") && !one.stored.querySelector("figure"))
      label.textContent = squeezed(mine) === squeezed(one.stored) ? "Yours, the same as the book's" : "Yours, not the same as the book's";
    mine.prepend(label);
    if (one.mine?.isConnected) show(one, false);
    one.mine = result.outputs.length || one.stored ? mine : undefined;
    if (!result.outputs.length && one.mine) mine.append(make("p", "live-nothing", "Nothing printed."));
    if (one.mine) show(one, true);
    one.reset.hidden = false;
    mine.querySelectorAll(".own-table").forEach((place) => ownTable(place, home));
    if (typeof explorer !== "undefined") explorer.start();
    return failed;
  }

  async function run(at, anew = false) {
    const one = all[at], texts = all.map((each) => each.text()), start = performance.now();
    if (anew) ran = [];
    busy = one;
    one.run.textContent = "Stop";
    one.run.setAttribute("aria-label", `Stop cell ${at + 1}`);
    one.said.textContent = loaded ? "Running …" : "Starting …";
    one.cell.setAttribute("aria-busy", "true");
    let words = "", first = anew;
    for (const i of toRun(ran, texts, at)) {
      if (i < at) one.said.textContent = `Running cell ${i + 1}, which comes before …`;
      const shows = i === at || anew || !!all[i].mine || texts[i] !== all[i].was;
      const { result, failed } = await python.ask({ page, source: texts[i], number: i + 1, anew: first, shows });
      first = false;
      if (failed) {
        words = failed;
        ran = [];
        loaded = false;
        break;
      }
      loaded = true;
      ran = ran.slice(0, i);
      const wrong = result.outputs.some((each) => each.kind === "error");
      if (shows || wrong) draw(all[i], result, i);
      if (wrong) {
        words = i === at ? "Stopped at an error." : `Cell ${i + 1}, which comes before, stopped at an error.`;
        if (i < at) all[i].cell.scrollIntoView({ block: "center" });
        break;
      }
      ran.push(texts[i]);
      words = `Done in ${((performance.now() - start) / 1000).toFixed(1)} s.`;
    }
    busy = undefined;
    one.run.textContent = "Run";
    one.run.setAttribute("aria-label", `Run cell ${at + 1}`);
    one.said.textContent = words;
    one.cell.removeAttribute("aria-busy");
    region.textContent = `Cell ${at + 1}: ${words}`;
  }

  // On paper stands what the book has.
  matchMedia("print").addEventListener("change", ({ matches }) => all.forEach((one) => one.mine && show(one, !matches)));

  const foot = make("p", "live-foot", "The code of this page runs in your browser: Run below any cell starts it. ");
  if (navigator.deviceMemory < 2) foot.textContent += "This device has little memory, and it may stop. ";
  const about = make("a", "", "How that works, and what it weighs");
  about.href = home.about;
  foot.append(about, ". ", button("Download as a notebook", "Download as a notebook", () => {
    let before;
    const sections = all.map((one) => {
      const heading = one.cell.closest("section")?.querySelector("h2, h3")?.textContent.replace(/#$/, "");
      const fresh = heading !== before ? heading : undefined;
      before = heading;
      return { heading: fresh, source: one.text() };
    });
    const title = document.querySelector("h1").textContent.replace(/#$/, "");
    handOver(`${page.split("/").pop()}.ipynb`, "application/x-ipynb+json", notebook(title, location.href.split("#")[0], sections));
  }));
  document.querySelector("article").append(foot, region);
}
