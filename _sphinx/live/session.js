// The Python of this page: started by the first cell that is run, asked one thing at a time, ended by Stop.
function session(address, told) {
  let worker, count = 0;
  const waiting = new Map();

  function fail(words) {
    for (const answer of waiting.values()) answer({ failed: words });
    waiting.clear();
    if (worker) worker.terminate();
    worker = undefined;
  }

  function start() {
    // A worker of a blob is bound by the policy of this page: it can ask no other host.
    const text = `import ${JSON.stringify(address)};`;
    worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })), { type: "module" });
    worker.onmessage = ({ data }) => {
      if (data.words) return told(data.words);
      waiting.get(data.id)?.(data);
      waiting.delete(data.id);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      fail("Python did not start in this browser" + (event.message ? `: ${event.message}` : "") + ". A newer browser, or a computer, may do.");
    };
  }

  return {
    ask: (what) => new Promise((answer) => {
      if (!worker) start();
      waiting.set(++count, answer);
      worker.postMessage({ ...what, id: count });
    }),
    stop: () => fail("Stopped. What ran before is forgotten; the next Run starts anew."),
  };
}

// Which cells to run so that cell `at` has what it needs: all from the first that has not run as it now reads.
function toRun(ran, texts, at) {
  let first = 0;
  while (first < at && ran[first] === texts[first]) first++;
  return Array.from({ length: at - first + 1 }, (_, i) => first + i);
}
