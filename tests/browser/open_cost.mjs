// What an open overview costs a routed request: the server's CPU time per request with and without it, in turns.
// It is read by this program, which calls what the page calls as often as the page does: a browser on the same
// machine would take the caches from the server, whatever the server does for it.
// Other work on the machine makes a turn costlier and never cheaper, so that the cheapest turns are compared.
// usage: node open_cost.mjs MOERGE [SECONDS]     of each turn, 8; ten turns of each. Prints, asserts nothing.
import {readFileSync} from "node:fs";
import {Agent, request} from "node:http";
import {resolve} from "node:path";
import {Stage} from "./servers.mjs";

const TURNS = 10, CLIENTS = 32, TICK_MS = 10;
const seconds = Number(process.argv[3] ?? 8);
const BODY = JSON.stringify({model: "auto", messages: [{role: "user", content: "Solve for x: 4x - 9 = 2x + 15."}]});

const agent = new Agent({keepAlive: true, maxSockets: CLIENTS});
const ask = (url) => new Promise((done, fail) => {
  const call = request(url + "/v1/chat/completions", {method: "POST", agent, headers: {"content-type": "application/json"}}, (reply) => {
    reply.resume();
    reply.on("end", () => (reply.statusCode === 200 ? done() : fail(new Error(`status ${reply.statusCode}`))));
  });
  call.on("error", fail);
  call.end(BODY);
});

function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

// Requests answered and CPU time spent in a turn.
async function turn(url, pid) {
  const end = Date.now() + seconds * 1000, before = cpuMs(pid);
  let requests = 0;
  await Promise.all(Array.from({length: CLIENTS}, async () => {
    for (; Date.now() < end; requests++) await ask(url);
  }));
  return {requests, cpu: cpuMs(pid) - before};
}

const since = encodeURIComponent(new Date(Date.now() - 86_400_000).toISOString());
// Path, and how many seconds lie between two calls while something happens (src/pages/overview.tsx).
const CALLS = [
  [`/api/v1/usage?per=hour&group=expert&since=${since}`, 4], [`/api/v1/usage?per=day&group=skill&since=${since}`, 4], ["/api/v1/decisions?limit=1", 4],
  ["/api/v1/backends?limit=1000", 10], ["/api/v1/residency", 10], ["/health", 10], ["/api/v1/experts?limit=1000", 30], ["/ready", 30],
];

// Follows the events and calls, until it is told to stop.
function overview(url) {
  const cancel = new AbortController(), own = {signal: cancel.signal};
  const follow = async () => {
    for await (const piece of (await fetch(url + "/api/v1/events", own)).body) void piece;
  };
  follow().catch(() => undefined);
  const timers = CALLS.map(([path, every]) => setInterval(() => fetch(url + path, own).then((reply) => reply.arrayBuffer()).catch(() => undefined), every * 1000));
  return () => {
    for (const timer of timers) clearInterval(timer);
    cancel.abort();
  };
}

const stage = new Stage(resolve(process.argv[2]));
const models = await stage.replay();
const {url, program} = await stage.serve(`backends: [{name: models, base_url: "${models}/v1"}]\nexperts: [{name: ada, backend: models, model: ada, skills: {general: 0.5}}]\n`);
const costs = {closed: [], open: []};  // µs a request, by turn
await turn(url, program.process.pid);
for (let index = 0; index < TURNS; index++) {
  for (const state of ["closed", "open"]) {
    const close = state === "open" ? overview(url) : () => undefined;
    const done = await turn(url, program.process.pid);
    const each = (1000 * done.cpu) / done.requests;
    costs[state].push(each);
    console.log(`${state.padEnd(6)} ${(done.requests / seconds).toFixed(0).padStart(6)} requests a second, ${each.toFixed(1)} µs of CPU each`);
    close();
  }
}
for (const turns of Object.values(costs)) turns.sort((a, b) => a - b);
const shown = (turns) => `${turns[0].toFixed(1)} (median ${turns[TURNS / 2].toFixed(1)})`;
console.log(`closed ${shown(costs.closed)} µs, open ${shown(costs.open)} µs a request: ${(100 * (costs.open[0] / costs.closed[0] - 1)).toFixed(1)} % more`);
agent.destroy();
await stage.clear();
