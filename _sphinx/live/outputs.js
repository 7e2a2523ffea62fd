// What a cell printed and showed, as the book's own outputs stand in the page; `stored` lends captions, which hold maths and links.
function outputs(list, stored) {
  const make = (name, kind, ...children) => {
    const element = document.createElement(name);
    if (kind) element.className = kind;
    element.append(...children);
    return element;
  };
  const text = (words, kind) => make("div", `output ${kind}`, make("div", "highlight", make("pre", "", words)));
  const inside = (kind, markup) => {
    const element = make("div", kind);
    element.innerHTML = markup;
    return element;
  };

  function picture(svg, words) {
    if (!words.caption) {
      const image = make("img");
      image.src = "data:image/svg+xml," + encodeURIComponent(svg);
      image.alt = words.alt || "The figure that this cell has drawn";
      return make("div", "output", image);
    }
    const drawn = inside("pictures", svg.slice(svg.indexOf("</style>") + 8, svg.lastIndexOf("</svg>")));
    const caption = stored?.querySelector(`figcaption`)?.cloneNode(true) || make("figcaption", "", make("p", "", words.caption));
    return make("div", "output", make("figure", "drawn", drawn, caption));
  }

  function fault({ type, said, cell, line, code }) {
    const lines = [make("p", "", make("b", "", type), said ? `: ${said}` : "")];
    if (line) lines.push(make("p", "", `Line ${line} of cell ${cell}: `, make("code", "", code)));
    return make("div", "live-fault", ...lines);
  }

  return list.map((one) => {
    if (one.kind === "error") return fault(one);
    if (one.kind !== "data") return text(one.text, "stream");
    if (one.data["text/html"]) return inside("output text_html", one.data["text/html"]);
    if (one.data["image/svg+xml"]) return picture(one.data["image/svg+xml"], one.words);
    return text(one.data["text/plain"], "text_plain");
  });
}

// What an output says, without spaces and without the theme's buttons, to compare two.
function squeezed(output) {
  const copy = output.cloneNode(true);
  copy.querySelectorAll("button, .live-label").forEach((one) => one.remove());
  return copy.textContent.replace(/\s+/g, " ").trim();
}
