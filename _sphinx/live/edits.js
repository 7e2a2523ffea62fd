// The reader's own versions of a page's cells: kept in this browser, and given out as a notebook.
const edits = (page) => {
  const key = `live-cells ${page}`;
  const read = () => { try { return JSON.parse(localStorage.getItem(key)) || {}; } catch { return {}; } };
  return {
    // Only what was edited of a cell as it still stands in the book.
    of: (number, was) => { const kept = read()[number]; return kept?.was === was ? kept.now : undefined; },
    keep: (number, was, now) => {
      const all = read();
      if (now === was) delete all[number];
      else all[number] = { was, now };
      try { localStorage.setItem(key, JSON.stringify(all)); } catch { /* a browser that keeps nothing */ }
    },
  };
};

function notebook(title, address, cells) {
  const lines = (text) => text.split(/(?<=\n)/);
  const made = [{ cell_type: "markdown", id: "start", metadata: {}, source: lines(`# ${title}\n\nThe code of ${address}, with your changes.\n`) }];
  cells.forEach(({ heading, source }, i) => {
    if (heading) made.push({ cell_type: "markdown", id: `head-${i}`, metadata: {}, source: [`## ${heading}`] });
    made.push({ cell_type: "code", id: `cell-${i}`, metadata: {}, source: lines(source), outputs: [], execution_count: null });
  });
  const kernelspec = { name: "python3", display_name: "Python 3", language: "python" };
  return JSON.stringify({ cells: made, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }, null, 1) + "\n";
}

function handOver(name, kind, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type: kind }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
