/* Run by Node when the runtime is fetched: `node bytecode.js FETCHED WHEEL INTO` has Pyodide compile what it will import. */
"use strict";
const fs = require("fs");
const path = require("path");

const [fetched, wheel, into] = process.argv.slice(2);
const { loadPyodide } = require(path.resolve(fetched, "pyodide.js"));

const main = async () => {
  const python = await loadPyodide({ indexURL: path.resolve(fetched) + path.sep });
  const archives = {
    "python_stdlib.zip": "/lib/python312.zip",
    [wheel]: "/lib/python3.12/site-packages",
  };
  for (const name of Object.keys(archives)) {
    python.FS.writeFile(`/${name}`, new Uint8Array(fs.readFileSync(path.join(fetched, name))));
  }
  python.unpackArchive(python.FS.readFile(`/${wheel}`), "wheel", { extractDir: archives[wheel] });
  python.runPython(fs.readFileSync(path.join(__dirname, "bytecode.py"), "utf-8"));
  const compiled = python.globals.get("compiled");
  for (const [name, root] of Object.entries(archives)) {
    fs.writeFileSync(path.join(into, name), compiled(`/${name}`, root).toJs());
  }
};

main().catch((error) => {
  console.error(String(error.message ?? error));
  process.exit(1);
});
