// Bundles the unit tests of test/ and runs them with node's own runner. Prints "N passed, N failed".
import {build} from "esbuild";
import {spawnSync} from "node:child_process";
import {mkdtempSync, readdirSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = mkdtempSync(join(tmpdir(), "moerge-dashboard-"));
const tests = readdirSync(join(here, "test")).filter((name) => name.endsWith("_test.ts"));
await build({
  absWorkingDir: here, entryPoints: tests.map((name) => `test/${name}`), bundle: true, outdir: out, format: "esm",
  platform: "node", jsx: "automatic", jsxImportSource: "preact", outExtension: {".js": ".mjs"}, logLevel: "warning",
});
const files = tests.map((name) => join(out, name.replace(/\.ts$/, ".mjs")));
const ran = spawnSync(process.execPath, ["--test", "--test-reporter=tap", ...files], {encoding: "utf8", env: {...process.env, TZ: "UTC"}});
rmSync(out, {recursive: true});
const total = (word) => Number(new RegExp(`^# ${word} (\\d+)`, "m").exec(ran.stdout)?.[1] ?? 0);
const failed = total("fail") + total("cancelled");
if (failed || ran.status) process.stdout.write(ran.stdout + ran.stderr);
console.log(`${total("pass")} passed, ${failed || (ran.status ? 1 : 0)} failed`);
process.exit(failed || ran.status ? 1 : 0);
