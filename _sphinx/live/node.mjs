// Runs the cells of notebooks under WebAssembly without a browser, for the tests: a line of JSON in, a line of JSON out.
//   node node.mjs RUNTIME BOOK     {"page": "chapters/units/index", "cells": ["1 + 1"]} -> {"results": [...], "rss": bytes}
//                                  {"table": "name,loss\n...", "words": "--budget 1e23"} -> what own-table.html gets
// One Python serves page after page, each with names of its own, as "Run all to here" does in a page.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [runtime, book] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(runtime, "pyodide.mjs")));
const bytes = (path) => new Uint8Array(readFileSync(path));
const python = await loadPyodide({ indexURL: runtime + "/" });
python.unpackArchive(bytes(book), "zip", { extractDir: "/book" });
python.runPython("import sys; sys.path.insert(0, '/book')");
const kernel = python.pyimport("kernel");
const files = JSON.parse(readFileSync(join(runtime, "packages.json"))).modules;
kernel.prepare(python.toPy(files), (name) => bytes(join(runtime, name)));

function run(page, cells) {
  const one = kernel.Kernel(page);
  const results = cells.map((source, number) => JSON.parse(one.run(source, number + 1)));
  one.destroy();
  python.runPython("import gc; gc.collect()");
  return { results, rss: process.memoryUsage().rss };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { page, cells, table, words } = JSON.parse(line);
  const answer = page ? run(page, cells) : JSON.parse(kernel.report("my-runs.csv", new TextEncoder().encode(table), words));
  console.log(JSON.stringify(answer));
}
