// How pages bear a large store: what the server takes for each of their calls, and Chromium for each page.
// usage: node big_store.mjs MOERGE BENCH_BIG_STORE [FOLDER]     FOLDER keeps the filled store for the next time
// Prints, asserts nothing. A call: median of 15, on the clock and of the server's CPU time.
import {spawnSync} from "node:child_process";
import {existsSync, mkdirSync, readFileSync} from "node:fs";
import {join, resolve} from "node:path";
import {launch, open} from "./browser.mjs";
import {Stage, until} from "./servers.mjs";

const [moerge, filler, kept] = process.argv.slice(2);
const TURNS = 15, TICK_MS = 10;
const since = (hours) => `since=${encodeURIComponent(new Date(Date.now() - hours * 3_600_000).toISOString())}`;

// The calls of each list page, as the pages make them.
const CALLS = [
  ["overview", `/api/v1/usage?per=hour&group=expert&${since(24)}`], ["overview", `/api/v1/usage?per=day&group=skill&${since(24)}`],
  ["overview, a month", `/api/v1/usage?per=day&group=expert&${since(720)}`], ["overview, an hour", `/api/v1/decisions?limit=1000&${since(1)}`],
  ["overview", "/api/v1/backends?limit=1000"], ["overview, experts", "/api/v1/experts?limit=1000"], ["overview", "/api/v1/decisions?limit=1"],
  ["experts", "/api/v1/profiles?limit=1000"], ["skills", "/api/v1/skills?limit=1000"], ["policies", "/api/v1/policies?limit=1000"],
  ["policies", "/api/v1/policy-kinds"], ["requests", `/api/v1/decisions?limit=200&${since(24)}`],
  ["requests, filtered", `/api/v1/decisions?limit=200&expert=organisation%2Fmodel-9000&${since(168)}`],
  ["requests, filtered", `/api/v1/decisions?limit=200&outcome=error&skill=skill-7&${since(168)}`],
  ["keys", `/api/v1/usage?per=day&group=client&${since(720)}`], ["settings", "/api/v1/settings"], ["settings", "/api/v1/revisions?limit=50"],
  ["settings", `/api/v1/audit?limit=100&${since(24)}`],
];

const PAGES = [
  ["overview", "/ui/", (page) => page.getByText("Share by skill").waitFor()],
  ["overview, an hour", "/ui/?t=1h", (page) => page.getByText("Latency, percentiles").waitFor()],
  ["experts", "/ui/experts", (page) => page.getByRole("article").first().waitFor()],
  ["skills", "/ui/skills", (page) => page.getByRole("table", {name: "Skills by experts"}).waitFor()],
  ["requests", "/ui/requests?t=7d", (page) => page.getByRole("row").nth(9).waitFor()],
  ["evaluation", "/ui/evaluation", (page) => page.getByRole("img", {name: /Quality against price/}).waitFor()],
  ["policies", "/ui/policies", (page) => page.getByRole("row", {name: /^policy-7/}).first().waitFor()],
  ["keys", "/ui/keys", (page) => page.getByText(/No key: every program/).waitFor()],
  ["settings", "/ui/settings", (page) => page.getByRole("row", {name: /server\.listen/}).waitFor()],
];

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

// Of all threads, from /proc: in ticks of 10 ms, so over all turns of a call.
function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

async function calls(url, pid) {
  for (const [page, path] of CALLS) {
    const times = [];
    let bytes = 0;
    await (await fetch(url + path)).text();
    const before = cpuMs(pid);
    for (let turn = 0; turn < TURNS; turn++) {
      const begin = performance.now();
      const reply = await fetch(url + path);
      const text = await reply.text();
      if (!reply.ok) throw new Error(`${path}: ${reply.status} ${text.slice(0, 300)}`);
      times.push(performance.now() - begin);
      bytes = text.length;
    }
    const cpu = (cpuMs(pid) - before) / TURNS;
    console.log(`${page.padEnd(20)} ${median(times).toFixed(1).padStart(8)} ms ${cpu.toFixed(1).padStart(7)} ms CPU ${(bytes / 1024).toFixed(0).padStart(6)} KB  ${path.replace(/since=[^&]*/, "since=…")}`);
  }
}

async function look(browser, url, [name, path, settle]) {
  const page = await open(browser, url);
  await page.addInitScript(() => {
    window.blocked = 0;
    new PerformanceObserver((list) => {
      for (const task of list.getEntries()) window.blocked += Math.max(0, task.duration - 50);
    }).observe({type: "longtask", buffered: true});
  });
  await page.goto(path);
  await settle(page);
  const seen = await page.evaluate(() => ({
    paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0, shown: performance.now(),
    blocked: window.blocked, nodes: document.querySelectorAll("*").length,
  }));
  console.log(`${name.padEnd(20)} first paint ${seen.paint.toFixed(0).padStart(5)} ms, shown ${seen.shown.toFixed(0).padStart(6)} ms, blocked ${seen.blocked.toFixed(0).padStart(5)} ms, ${seen.nodes} elements`);
  await page.check();
}

const stage = new Stage(resolve(moerge));
const folder = resolve(kept ?? stage.folder);
const store = join(folder, "big.db");
mkdirSync(folder, {recursive: true});
if (!existsSync(store)) spawnSync(resolve(filler), [store], {stdio: "inherit"});
const file = stage.file("big.yaml", `server: {listen: "127.0.0.1:0"}
store: {url: "sqlite:${store}", decisions: {max_count: 5000000, max_age: 30d}}
skills: {replace: true, list: []}
`);
const program = await stage.start(["serve", "--config", file]);
const url = await program.url;
const begin = Date.now();
await until(async () => (await fetch(url + "/ready")).ok, "the server is ready");
console.log(`ready ${((Date.now() - begin) / 1000).toFixed(1)} s after its first line`);
await calls(url, program.process.pid);
const browser = await launch();
for (const page of PAGES) await look(browser, url, page);
await browser.close();
await stage.clear();
