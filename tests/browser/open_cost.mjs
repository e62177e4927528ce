// What an open overview costs a server, in instructions, so that other work on the machine changes nothing: those of
// a routed request, of following the events, and of each call of the page; and from them the page's share of the
// server's work at some loads. What the kernel does is in none of them. Prints, asserts nothing.
// usage: node open_cost.mjs MOERGE STORE     STORE: filled by bench_big_store
// moerge runs under callgrind, its models outside: four minutes, and seven more with 10,000 experts.
import {resolve} from "node:path";
import {CountedStage, ask, askMany, call, median, perRequest} from "./counted.mjs";
import {Stage, smallVocabulary, until} from "./servers.mjs";

const TURNS = 10, ROUNDS = 3, READY_MS = 900_000;
const WATCHED_MS = 10_000, FEW = 10, MANY = 600;  // a time of following the events, and the requests in it
const LOADS = [15_000, 500];  // requests a second; the first fills one loop (tests/bench/RESULTS.md, next to nginx)
const MOST_ROWS = 128;        // of the events, a second (services/live/live_feed.h)

const since = (hours) => `since=${encodeURIComponent(new Date(Date.now() - hours * 3_600_000).toISOString())}`;
// Path, and how many seconds lie between two calls while something happens (services/dashboard/src/pages/overview.tsx).
const ALWAYS = [
  ["/api/v1/decisions?limit=1", 4], ["/api/v1/backends?limit=1000", 10], ["/api/v1/residency", 10], ["/health", 10],
  ["/api/v1/experts?limit=1000", 30], ["/api/v1/alarms", 30], ["/ready", 30],
];
const sums = (hours) => [[`/api/v1/usage?per=hour&group=expert&${since(hours)}`, 4], [`/api/v1/usage?per=day&group=skill&${since(hours)}`, 30]];
const RANGES = {
  "the last day": [...sums(24), [`/api/v1/usage?per=hour&percentiles=true&${since(24)}`, 30], ...ALWAYS],
  "the last hour": [...sums(1), [`/api/v1/decisions?limit=1000&${since(1)}`, 10], ...ALWAYS],
};

// `count` requests, evenly over WATCHED_MS.
async function askSlowly(url, count) {
  const begin = Date.now();
  const asked = [];
  for (let index = 0; index < count; index++) {
    const wait = begin + (index * WATCHED_MS) / count - Date.now();
    if (wait > 0) await new Promise((wake) => setTimeout(wake, wait));
    asked.push(ask(url));
  }
  await Promise.all(asked);
  await new Promise((wake) => setTimeout(wake, begin + WATCHED_MS - Date.now()));
}

const rounds = async (measure) => {
  const all = [];
  for (let round = 0; round < ROUNDS; round++) all.push(await measure());
  return all;
};
const text = (number) => Math.round(number).toLocaleString("en").padStart(12);

const models = new Stage(resolve(process.argv[2]));
const counted = new CountedStage(process.argv[2]);
const backend = await models.replay();
const REGISTRY = `backends: [{name: models, base_url: "${backend}/v1"}]\nexperts: [{name: ada, backend: models, model: ada, skills: {general: 0.5}}]\n`;

async function routedRequest() {
  const server = await counted.serve(REGISTRY);
  await askMany(server.url, 200);
  return median(await rounds(() => perRequest(counted, server)));
}

// What a row costs, and a second of following without rows: of the same requests with and without a reader who
// follows, few and many of them. Nothing is written to a disk meanwhile, which costs now more and now less.
async function events() {
  const {url, program} = await counted.serve(REGISTRY, {store: "memory:"});
  await askMany(url, 200);
  const watched = async (count) => {
    const alone = await counted.instructions(program, () => askSlowly(url, count));
    const cancel = new AbortController();
    const {body} = await fetch(url + "/api/v1/events", {signal: cancel.signal});
    let shown = "";
    const end = (async () => {
      for await (const piece of body) shown += Buffer.from(piece);
    })().catch(() => undefined);
    const together = await counted.instructions(program, () => askSlowly(url, count));
    cancel.abort();
    await end;
    return {rows: shown.split("event: decision").length - 1, more: together - alone};
  };
  const each = await rounds(async () => {
    const few = await watched(FEW), many = await watched(MANY);
    const row = (many.more - few.more) / (many.rows - few.rows);
    return {row, second: Math.max(0, few.more - few.rows * row) / (WATCHED_MS / 1000)};
  });
  return {row: median(each.map((one) => one.row)), second: median(each.map((one) => one.second))};
}

// Of each path. With a decision written between two calls they cost up to 5 % more, or as much.
async function calls(paths) {
  const file = counted.file("big.yaml", `server: {listen: "127.0.0.1:0"}
store: {url: "sqlite:${resolve(process.argv[3])}", decisions: {max_count: 5000000, max_age: 30d}}
${smallVocabulary()}${REGISTRY}`);
  const program = await counted.start(["serve", "--config", file]);
  const url = await program.url;
  await until(async () => (await fetch(url + "/ready")).ok, "the server is ready", READY_MS);
  const costs = new Map();
  for (const path of paths) {
    await call(url + path, "GET");
    const spent = await counted.instructions(program, async () => {
      for (let turn = 0; turn < TURNS; turn++) await call(url + path, "GET");
    });
    costs.set(path, spent / TURNS);
  }
  return costs;
}

const each = await routedRequest();
console.log(`${text(each)} a routed request`);
const {row, second} = await events();
console.log(`${text(row)} a row of the events\n${text(second)} a second of following them`);
const costs = await calls(new Set(Object.values(RANGES).flat().map(([path]) => path)));
for (const [range, list] of Object.entries(RANGES)) {
  console.log(`the overview of ${range}:`);
  for (const [path, every] of list) console.log(`${text(costs.get(path))} every ${String(every).padStart(2)} s: ${path.replace(/since=[^&]*/, "since=…")}`);
  const page = second + list.reduce((sum, [path, every]) => sum + costs.get(path) / every, 0);
  for (const load of LOADS) {
    const more = page + Math.min(load, MOST_ROWS) * row;
    console.log(`${text(more)} a second at ${load} requests a second: ${(100 * more / (load * each)).toFixed(2)} % more`);
  }
}
await counted.clear();
await models.clear();
