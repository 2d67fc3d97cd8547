/** Builds the snippet into the Python package: `node build.mjs`; `--check` fails if the committed files are stale. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";

const BUDGET_BYTES = 4000;
/** Names that never cross to the edge or the page: they may be shortened. */
const OWN_NAMES = /^(printed|shown|pattern|digits|at_ms|campaign)$/;
const BUILT = new URL("../src/ringtrace/edge/static/", import.meta.url);
const SOURCES = new URL("./src/", import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("./package.json", import.meta.url), "utf8"));
/** The first line asks V8 to compile all functions while the script arrives, off the main thread: it saves a tenth of it. */
const NOTICE = `//# allFunctionsCalledOnLoad
/*! Ringtrace ${version}, MIT License, (c) 2026 The Ringtrace authors */`;

/** SHA-256 of the sources, concatenated in the order of their names. */
function hashSources() {
  const hash = createHash("sha256");
  const names = readdirSync(SOURCES).filter((name) => name.endsWith(".ts"));
  for (const name of names.sort()) hash.update(readFileSync(new URL(name, SOURCES)));
  return hash.digest("hex");
}

/** One script of all modules, its own names shortened. */
async function bundle() {
  const result = await build({
    entryPoints: [new URL("main.ts", SOURCES).pathname],
    bundle: true,
    minifySyntax: true,
    mangleProps: OWN_NAMES,
    format: "iife",
    target: "es2020",
    legalComments: "none",
    tsconfigRaw: {},
    write: false,
  });
  return result.outputFiles[0].text;
}

/** Functions used once are written where they are used; `unsafe_*` and `pure_getters` hold, as nothing here is a getter. */
async function shorten(script) {
  const { code } = await minify(script, {
    ecma: 2020,
    toplevel: true,
    compress: { passes: 5, unsafe_arrows: true, unsafe_methods: true, pure_getters: true, sequences: false },
    format: { preamble: NOTICE },
  });
  return code;
}

/** What the web needs to print a tag with `integrity`, and the tests to see that the script is of these sources. */
function describe(script) {
  const facts = {
    version,
    bytes: Buffer.byteLength(script),
    gzip_bytes: gzipSync(script, { level: 9 }).length,
    integrity: `sha384-${createHash("sha384").update(script).digest("base64")}`,
    sources_sha256: hashSources(),
  };
  return `${JSON.stringify(facts, null, 2)}\n`;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

const script = await shorten(await bundle());
const built = { "snippet.js": script, "snippet.json": describe(script) };
const { bytes, gzip_bytes } = JSON.parse(built["snippet.json"]);
console.log(`snippet.js: ${bytes} bytes, ${gzip_bytes} after gzip -9, budget ${BUDGET_BYTES}`);
if (gzip_bytes > BUDGET_BYTES) fail(`Over the budget by ${gzip_bytes - BUDGET_BYTES} bytes.`);
for (const [name, text] of Object.entries(built)) {
  const file = new URL(name, BUILT);
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) fail(`The committed ${name} is not this build: run npm run build.`);
}
