// Counts what a server executes, whatever else the machine does: moerge under callgrind. What the kernel does is not
// counted.
import {execFileSync} from "node:child_process";
import {readFileSync, readdirSync, rmSync} from "node:fs";
import {Agent, request} from "node:http";
import {join, resolve} from "node:path";
import {Stage} from "./servers.mjs";

const REQUESTS = 1000, CLIENTS = 16;
const BODY = JSON.stringify({model: "auto", messages: [{role: "user", content: "Solve for x: 4x - 9 = 2x + 15."}]});

// Its programs run under callgrind.
export class CountedStage extends Stage {
  constructor(binary) {
    super("valgrind");
    this.counted = resolve(binary);
  }
  start(args) {
    return super.start(["--tool=callgrind", `--callgrind-out-file=${join(this.folder, "count.%p")}`, this.counted, ...args]);
  }
  async clear() {
    agent.destroy();
    return super.clear();
  }
  // Of all threads, while `work` goes on.
  async instructions(program, work) {
    this.dump(program);
    await work();
    return this.dump(program);
  }
  // Those since the last time.
  dump(program) {
    const pid = program.process.pid;
    execFileSync("callgrind_control", ["--dump", String(pid)], {stdio: "ignore"});
    const names = readdirSync(this.folder).filter((name) => name.startsWith(`count.${pid}.`));
    let total = 0;
    for (const name of names) {
      total += Number(/^(?:summary|totals): (\d+)/m.exec(readFileSync(join(this.folder, name), "utf8"))[1]);
      rmSync(join(this.folder, name));
    }
    return total;
  }
}

const agent = new Agent({keepAlive: true, maxSockets: CLIENTS});
export const call = (url, method, body) => new Promise((done, fail) => {
  const asked = request(url, {method, agent, headers: {"content-type": "application/json"}}, (reply) => {
    reply.resume();
    reply.on("end", () => (reply.statusCode < 300 ? done() : fail(new Error(`${url}: status ${reply.statusCode}`))));
  });
  asked.on("error", fail);
  asked.end(body);
});
// A routed request, answered.
export const ask = (url) => call(url + "/v1/chat/completions", "POST", BODY);

export async function askMany(url, count) {
  let left = count;
  await Promise.all(Array.from({length: CLIENTS}, async () => {
    while (left-- > 0) await ask(url);
  }));
}

export const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

// Of a routed request: from two counts of them, so that what happens besides is in neither. `settle` awaits what
// requests leave to be done.
export async function perRequest(stage, {url, program}, settle = () => undefined) {
  const count = (requests) => stage.instructions(program, async () => {
    await askMany(url, requests);
    await settle();
  });
  const once = await count(REQUESTS);
  return (await count(2 * REQUESTS) - once) / REQUESTS;
}
