// What a term means, or which work is cited, beside its link: on hover, on focus by keyboard, on a first tap.
// Without this script, or in a browser without popovers, the link leads to the entry as any other.
(() => {
  const box = document.querySelector(".glosses");
  if (!box || !("popover" in HTMLElement.prototype)) return;
  box.hidden = false;
  let link = null, gloss = null, timer = 0, touched = false;

  function hide() {
    clearTimeout(timer);
    if (!gloss) return;
    gloss.hidePopover();
    box.append(gloss);
    link = gloss = null;
  }

  function show(on) {
    clearTimeout(timer);
    if (on === link) return;
    hide();
    link = on;
    gloss = document.getElementById(on.getAttribute("aria-describedby"));
    // Behind the link in the page, so that Tab goes on into it.
    on.after(gloss);
    gloss.showPopover();
    const at = on.getClientRects()[0], edge = 8, own = gloss.getBoundingClientRect();
    const left = Math.max(edge, Math.min(at.left, document.documentElement.clientWidth - own.width - edge));
    const below = at.bottom + 4, fits = below + own.height <= innerHeight - edge || at.top < own.height + 60;
    gloss.style.left = `${left + scrollX}px`;
    gloss.style.top = `${(fits ? on.getBoundingClientRect().bottom + 4 : at.top - own.height - 4) + scrollY}px`;
  }

  const glossed = (event) => event.target.closest?.("a.glossed");
  const inside = (node) => node && (link?.contains(node) || gloss?.contains(node));

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    clearTimeout(timer);
    const over = glossed(event);
    if (over && !gloss?.contains(over)) timer = setTimeout(show, 120, over);
    else if (!inside(event.target) && !link?.matches(":focus-visible")) timer = setTimeout(hide, 250);
  });
  document.addEventListener("focusin", (event) => {
    const on = glossed(event);
    if (inside(event.target)) return;
    if (on && on.matches(":focus-visible") && !touched) show(on);
    else hide();
  });
  document.addEventListener("pointerdown", (event) => {
    touched = event.pointerType === "touch";
    if (!inside(event.target)) hide();
  });
  document.addEventListener("click", (event) => {
    const on = glossed(event);
    if (!touched || !on || on === link || gloss?.contains(on)) return;
    event.preventDefault();
    show(on);
  });
  document.addEventListener("keydown", (event) => {
    touched = false;
    if (event.key === "Escape") hide();
  });
})();
