// The filter of the ledger's rows and of the cards of claims: those that have all that is chosen, and the words;
// without this script all are there. A part without any is gone as well: a source's rows, or a group with its heading.
(() => {
  const form = document.querySelector(".verdict-filter"), items = [...document.querySelectorAll("[data-verdict]")];
  if (!form || !items.length) return;
  const names = [...new Set([...form.querySelectorAll("[type=radio]")].map((radio) => radio.name))];
  const parts = items.map((item) => item.closest("[data-part]"));
  const texts = items.map((item, place) => `${parts[place].dataset.part} ${item.textContent}`.toLowerCase());

  function apply() {
    const words = form.querySelector("[type=search]").value.toLowerCase().split(/\s+/).filter(Boolean);
    const whole = new Map(parts.map((part) => [part, true]));
    let shown = 0;
    items.forEach((item, place) => {
      const chosen = names.every((name) => ["", item.dataset[name]].includes(form.elements[name].value));
      item.hidden = !chosen || !words.every((word) => texts[place].includes(word));
      if (!item.hidden) whole.set(parts[place], false);
      shown += !item.hidden;
    });
    for (const [part, empty] of whole) part.closest("section, tbody").hidden = empty;
    form.querySelector("[role=status]").textContent = `${shown} of ${items.length} ${form.dataset.of}`;
  }

  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  apply();
})();
