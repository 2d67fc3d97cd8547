/** Bundles each test into a temporary folder and runs them with the test runner of Node. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const TESTS = new URL("./tests/", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "ringtrace-snippet-"));
const names = readdirSync(TESTS).filter((name) => name.endsWith(".test.ts"));
await build({
  entryPoints: names.map((name) => join(TESTS, name)),
  bundle: true,
  platform: "node",
  format: "esm",
  outdir: folder,
  outExtension: { ".js": ".mjs" },
});
const files = readdirSync(folder).map((name) => join(folder, name));
const { status } = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" });
rmSync(folder, { recursive: true });
process.exit(status ?? 1);
