// Routes: boxes that can be ticked, kept in this browser. What is stored may be anything; only known names count.
(function () {
  "use strict";

  function kept(key) {
    try {
      const read = JSON.parse(localStorage.getItem(key));
      return Array.isArray(read) ? read : [];
    } catch { return []; }
  }

  for (const list of document.querySelectorAll("ul.route")) {
    const key = "route " + list.dataset.route;
    const boxes = Array.from(list.querySelectorAll("input"));
    const done = new Set(kept(key));
    const line = document.createElement("p");
    line.className = "route-kept";
    line.setAttribute("role", "status");
    const tell = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      line.textContent = ticked ? `${ticked} of ${boxes.length} done; kept in this browser only.` : "";
    };
    for (const box of boxes) {
      box.disabled = false;
      box.checked = done.has(box.value);
      box.addEventListener("change", () => {
        const names = boxes.filter((each) => each.checked).map((each) => each.value);
        try {
          if (names.length) localStorage.setItem(key, JSON.stringify(names));
          else localStorage.removeItem(key);
        } catch { /* the tick stays until the page is left */ }
        tell();
      });
    }
    list.after(line);
    tell();
  }
})();
