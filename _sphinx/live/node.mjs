// Runs the cells of notebooks under WebAssembly without a browser, for the tests: a line of JSON in, a line of JSON out.
//   node node.mjs RUNTIME BOOK     {"page": "chapters/units/index", "cells": ["1 + 1"]} -> {"page": ..., "results": [...]}
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [runtime, book] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(runtime, "pyodide.mjs")));
const start = async () => {
  const python = await loadPyodide({ indexURL: runtime + "/" });
  const bytes = (path) => new Uint8Array(readFileSync(path));
  python.unpackArchive(bytes(book), "zip", { extractDir: "/book" });
  python.runPython("import sys; sys.path.insert(0, '/book')");
  const kernel = python.pyimport("kernel");
  const files = JSON.parse(readFileSync(join(runtime, "packages.json"))).modules;
  kernel.prepare(python.toPy(files), (name) => bytes(join(runtime, name)));
  return [python, kernel];
};
for await (const line of createInterface({ input: process.stdin })) {
  const { page, cells } = JSON.parse(line), began = performance.now();
  const [python, kernel] = await start(), one = kernel.Kernel(page);
  const ready = performance.now() - began;
  const results = cells.map((source, number) => JSON.parse(one.run(source, number + 1)));
  console.log(JSON.stringify({ page, results, ready, seconds: (performance.now() - began) / 1000, memory: python._module.HEAP8.length, rss: process.memoryUsage().rss }));
}
