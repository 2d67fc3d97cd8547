/** Builds the snippet into the Python package: `node build.mjs`; `--check` fails if the committed file is stale. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const BUDGET_BYTES = 4000;
/** Names that never cross to the edge or the page: they may be shortened. */
const OWN_NAMES = /^(printed|shown|pattern|digits|at_ms|campaign)$/;
const BUILT = new URL("../src/ringtrace/edge/static/snippet.js", import.meta.url);
const SOURCES = new URL("./src/", import.meta.url);

/** SHA-256 of the sources, concatenated in the order of their names. */
function hashSources() {
  const hash = createHash("sha256");
  const names = readdirSync(SOURCES).filter((name) => name.endsWith(".ts"));
  for (const name of names.sort()) hash.update(readFileSync(new URL(name, SOURCES)));
  return hash.digest("hex");
}

async function bundle() {
  const result = await build({
    entryPoints: [new URL("main.ts", SOURCES).pathname],
    bundle: true,
    minify: true,
    mangleProps: OWN_NAMES,
    charset: "utf8",
    format: "iife",
    target: "es2020",
    legalComments: "none",
    tsconfigRaw: {},
    banner: { js: `/*! Ringtrace snippet, MIT License, (c) 2026 The Ringtrace authors, sources sha256:${hashSources()} */` },
    write: false,
  });
  return result.outputFiles[0].text;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

const code = await bundle();
const weight_bytes = gzipSync(code, { level: 9 }).length;
console.log(`snippet.js: ${code.length} characters, ${weight_bytes} bytes after gzip -9, budget ${BUDGET_BYTES}`);
if (weight_bytes > BUDGET_BYTES) fail(`Over the budget by ${weight_bytes - BUDGET_BYTES} bytes.`);
if (!process.argv.includes("--check")) writeFileSync(BUILT, code);
else if (readFileSync(BUILT, "utf8") !== code) fail("The committed snippet.js is not this build: run npm run build.");
