// Runs the tests; usage: all.mjs MOERGE_BINARY PASSED FAILED [PART_OF_A_NAME ...]
import {keepPictures, launch} from "./browser.mjs";
import {Stage} from "./servers.mjs";
import * as access from "./access_test.mjs";
import * as batches from "./batches_test.mjs";
import * as governance from "./governance_test.mjs";
import * as looks from "./looks_test.mjs";
import * as manage from "./manage_test.mjs";
import * as requests from "./requests_test.mjs";
import * as shell from "./shell_test.mjs";

const [binary, passedBefore, failedBefore, ...wanted] = process.argv.slice(2);
const TEST_MS = 180_000;
let passed = Number(passedBefore), failed = Number(failedBefore);

const stage = new Stage(binary);
const browser = await launch();
try {
  for (const [name, test] of [shell, manage, governance, batches, requests, access, looks].flatMap((module) => Object.entries(module))) {
    if (wanted.length && !wanted.some((part) => name.includes(part))) continue;
    const begin = Date.now();
    let late;
    try {
      await Promise.race([test(browser, stage), new Promise((_, reject) => {
        late = setTimeout(() => reject(new Error(`not done after ${TEST_MS / 1000} s`)), TEST_MS);
      })]);
      passed++;
      console.log(`ok ${name} (${Date.now() - begin} ms)`);
    } catch (error) {
      failed++;
      console.log(`FAILED ${name}: ${error.stack ?? error}`);
      await keepPictures("../../build/browser", name);
    } finally {
      clearTimeout(late);
    }
  }
} finally {
  await browser.close();
  for (const [program, code] of await stage.clear()) {
    failed++;
    console.log(`a program ended with ${code}:\n${program.lines.slice(-3000)}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
