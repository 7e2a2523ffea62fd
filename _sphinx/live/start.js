// Nothing is loaded before the first Run. From a folder there is no Run: a browser gives such pages no files.
if (location.protocol.startsWith("http")) {
  const src = document.currentScript.src, home = new URL("./", src), root = new URL("../../", home);
  const page = decodeURI(location.pathname.slice(root.pathname.length)).replace(/\.html$/, "");
  const able = typeof WebAssembly === "object" && typeof Worker === "function" && typeof BigInt64Array === "function";
  const places = { page, worker: new URL("worker.mjs", home).href, about: new URL("chapters/back-matter/live.html", root).href };
  if (able) {
    cells(places);
    document.querySelectorAll(".own-table").forEach((place) => ownTable(place, places));
  } else {
    const words = document.createElement("p");
    words.className = "live-foot";
    words.textContent = "This browser is too old to run the code of this page; what it gave us stands below each cell.";
    document.querySelector("article")?.append(words);
  }
}
