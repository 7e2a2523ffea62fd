// The Python of a page, on a thread of its own: it starts with the first cell and ends with the page, or with Stop.
const home = new URL("./", import.meta.url), runtime = new URL("RUNTIME/", home);
let kernel, fresh;
const say = (words) => postMessage({ words });

// A file of the runtime, waited for: Python asks for it in the middle of an import.
function bytes(name) {
  const asked = new XMLHttpRequest();
  asked.open("GET", new URL(name, runtime), false);
  asked.responseType = "arraybuffer";
  asked.send();
  if (asked.status !== 200) throw new Error(`${name} could not be loaded (${asked.status})`);
  return new Uint8Array(asked.response);
}

async function whole(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address.pathname} could not be loaded (${answer.status})`);
  return answer;
}

async function start() {
  say("Loading Python, 13 MB the first time");
  const book = whole(new URL("book.zip", home)), files = whole(new URL("packages.json", runtime));
  const { loadPyodide } = await import(new URL("pyodide.mjs", runtime));
  const python = await loadPyodide({ indexURL: runtime.href });
  const { modules, sizes } = await (await files).json();
  python.unpackArchive(await (await book).arrayBuffer(), "zip", { extractDir: "/book" });
  python.runPython("import sys; sys.path.insert(0, '/book')");
  kernel = python.pyimport("kernel");
  kernel.prepare(python.toPy(modules), (name) => {
    say(`Loading ${name.split("-")[0]}, ${(sizes[name] / 1e6).toFixed(1)} MB the first time`);
    const content = bytes(name);
    say("Running");
    return content;
  });
}

// One message after the other, as they come: the next waits until the one before is answered.
let last = Promise.resolve();
onmessage = ({ data }) => {
  last = last.then(async () => {
    try {
      await (kernel ? undefined : start());
      say("Running");
      if (data.table) postMessage({ id: data.id, result: JSON.parse(kernel.report(data.table.name, data.table.bytes, data.table.words)) });
      else {
        if (!fresh || data.anew) fresh = kernel.Kernel(data.page);
        postMessage({ id: data.id, result: JSON.parse(fresh.run(data.source, data.number, data.shows)) });
      }
    } catch (fault) {
      postMessage({ id: data.id, failed: String(fault.message || fault) });
    }
  });
};
