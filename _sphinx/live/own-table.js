// A place for the reader's own table: read and fitted by the command's own code, in this page.
function ownTable(place, home) {
  const make = (name, words = "", more = {}) => Object.assign(document.createElement(name), { textContent: words }, more);
  const field = (words, input) => {
    const label = make("label", words, { className: "own-field" });
    label.append(input);
    return label;
  };
  const status = make("p", "", { className: "own-status" });
  status.setAttribute("role", "status");
  const python = session(home.worker, (words) => { status.textContent = `${words} …`; });
  const file = make("input", "", { type: "file", accept: ".csv,.tsv,.txt,.md,.json,.jsonl,.gz" });
  const pasted = make("textarea", "", { rows: 4, spellcheck: false, placeholder: "params,tokens,loss\n…" });
  const budget = make("input", "", { inputMode: "decimal", placeholder: "such as 1e23", size: 14 });
  const more = make("input", "", { placeholder: "such as --where 'status = finished'", spellcheck: false });
  const go = make("button", "Fit a law", { className: "live-button", type: "submit" });
  const form = make("form", "", { className: "own-form" });
  const result = make("div", "", { className: "own-result" });
  let busy = false;

  form.append(
    make("p", "Your table is read and fitted in this page, by the code of the command, and goes nowhere else: the page may ask no other host."),
    field("A file, chosen or dropped here: parameters, tokens (or FLOP) and final loss, with a header line", file),
    field("or the rows, pasted", pasted), field("A budget to plan for, FLOP (ten times the largest run if empty)", budget),
    field("Options, as of python -m scalinglib fit", more), go, status,
  );
  place.replaceChildren(form, result);

  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) { file.files = event.dataTransfer.files; fit(); }
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); fit(); });

  async function fit() {
    if (busy) return python.stop();
    const [chosen] = file.files;
    if (!chosen && !pasted.value.trim()) { status.textContent = "Choose a file or paste rows first."; return; }
    busy = true;
    go.textContent = "Stop";
    result.replaceChildren();
    status.textContent = "Starting …";
    const bytes = chosen ? new Uint8Array(await chosen.arrayBuffer()) : new TextEncoder().encode(pasted.value);
    const words = (budget.value.trim() ? `--budget ${budget.value.trim().replace(/\s/g, "")} ` : "") + more.value;
    const answer = await python.ask({ table: { name: chosen ? chosen.name : "pasted.csv", bytes, words } });
    busy = false;
    go.textContent = "Fit a law";
    if (answer.failed) { status.textContent = answer.failed; return; }
    show(answer.result);
  }

  function show({ said, notes, code, files }) {
    status.textContent = code === 0 ? "Done." : code === 1 ? "Done, but not to be trusted: the last note says why." : "No law: the note says why.";
    const told = notes.trim().split("\n").filter(Boolean).map((line) => line.replace(/^scalinglib: /, ""));
    if (told.length) {
      const list = make("ul", "", { className: "own-notes" });
      list.append(...told.map((line) => make("li", line)));
      result.append(list);
    }
    const page = files["report.html"];
    if (page) {
      const figure = new DOMParser().parseFromString(page, "text/html").querySelector("figure");
      if (figure) result.append(document.importNode(figure, true));
    }
    if (said) result.append(Object.assign(make("pre", said), { tabIndex: 0 }));
    for (const [name, kind, words] of [["report.html", "text/html", "Save the report"], ["law.json", "application/json", "Save the law, for plan"]])
      if (files[name]) {
        const button = make("button", words, { className: "live-button", type: "button" });
        button.addEventListener("click", () => handOver(name, kind, files[name]));
        result.append(button, " ");
      }
  }
}
