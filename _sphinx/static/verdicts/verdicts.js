// The ledger's filter: rows of one verdict, rows with some words; without this script the table is whole.
(() => {
  const form = document.querySelector(".verdict-filter"), table = document.querySelector("table.verdicts");
  if (!form || !table) return;
  const rows = [...table.querySelectorAll("tr[data-verdict]")];
  const texts = rows.map((row) => `${row.parentNode.rows[0].textContent} ${row.textContent}`.toLowerCase());

  function apply() {
    const kind = form.elements.verdict.value;
    const words = form.querySelector("[type=search]").value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, place) => {
      row.hidden = (kind && row.dataset.verdict !== kind) || !words.every((word) => texts[place].includes(word));
      shown += !row.hidden;
    });
    for (const body of table.tBodies) body.hidden = ![...body.rows].slice(1).some((row) => !row.hidden);
    form.querySelector("[role=status]").textContent = `${shown} of ${rows.length} rows`;
  }

  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  apply();
})();
