// Starts and stops the programs that the tests talk to.
import {spawn} from "node:child_process";
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {createServer} from "node:http";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
export const DATA = join(HERE, "../data");
const START_MS = 60_000;

// A moerge process. Its first line with an address says where it listens; all lines are kept.
export class Program {
  constructor(binary, args, environment = {}) {
    this.lines = "";
    this.process = spawn(binary, args, {env: {...process.env, ...environment}, stdio: ["ignore", "pipe", "pipe"]});
    this.ended = new Promise((resolve) => this.process.on("exit", resolve));
    this.url = new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`it did not start:\n${this.lines}`)), START_MS);
      const read = (piece) => {
        this.lines += piece;
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(this.lines);
        if (found) {
          clearTimeout(late);
          resolve(found[0]);
        }
      };
      this.process.stdout.on("data", read);
      this.process.stderr.on("data", read);
      this.process.on("exit", () => reject(new Error(`it ended:\n${this.lines}`)));
    });
  }
  async stop() {
    this.process.kill("SIGTERM");
    return this.ended;
  }
}

// A few skills in place of the shipped ones: their classifier is trained at once.
export function smallVocabulary() {
  const examples = {};
  for (const line of readFileSync(join(DATA, "mini_table.jsonl"), "utf8").split("\n").filter(Boolean)) {
    const row = JSON.parse(line);
    (examples[row.category] ??= []).push(row.prompt);
  }
  examples.arithmetic = ["What is 2 + 2?", "What is 17 * 23?", "What is 381 / 3?", "Compute 2 ^ 10", "What is 15 % of 80?", "12 * 12 = ?"];
  examples.dates = ["How many days are there between 1 May 2020 and 3 June 2021?", "What weekday was 4 July 1999?", "Which date is 90 days after 1 March 2024?",
    "How many days from 3 March 2021 to 25 December 2024?", "Is 2028 a leap year?", "Which ISO week has 31 December 2024?"];
  const list = Object.entries(examples).map(([name, texts]) => ({name, category: name, description: `Requests of ${name}`, examples: texts}));
  return `skills: ${JSON.stringify({replace: true, list})}\n`;
}

export class Stage {
  constructor(binary) {
    this.binary = binary;
    this.folder = mkdtempSync(join(tmpdir(), "moerge-browser-"));
    this.programs = [];
    this.servers = [];
    this.count = 0;
  }
  async start(args) {
    const program = new Program(this.binary, args);
    this.programs.push(program);
    await program.url;
    return program;
  }
  // Recorded models; `faults` such as ["--tokens-per-second", "5"].
  async replay(...faults) {
    const program = await this.start(["replay", "--listen", "127.0.0.1:0", "--table", join(DATA, "mini_table.jsonl"), "--replies", join(DATA, "mini_replies.jsonl"), ...faults]);
    return program.url;
  }
  // Models that say what `say(body)` returns.
  async models(say) {
    const server = createServer(async (request, reply) => {
      const pieces = [];
      for await (const piece of request) pieces.push(piece);
      const body = JSON.parse(Buffer.concat(pieces).toString() || "{}");
      const choice = {index: 0, finish_reason: "stop"}, content = say(body);
      const whole = {id: "x", object: "chat.completion", created: 1, model: body.model, usage: {prompt_tokens: 5, completion_tokens: 5, total_tokens: 10}};
      if (body.stream) {
        reply.writeHead(200, {"content-type": "text/event-stream"});
        reply.write(`data: ${JSON.stringify({...whole, object: "chat.completion.chunk", choices: [{...choice, delta: {role: "assistant", content}}]})}\n\n`);
        reply.end("data: [DONE]\n\n");
      } else {
        reply.writeHead(200, {"content-type": "application/json"});
        reply.end(JSON.stringify({...whole, choices: [{...choice, message: {role: "assistant", content}}]}));
      }
    });
    this.servers.push(server);
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${server.address().port}`;
  }
  file(name, text) {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }
  // A server of its own for a test, with `text` as its configuration beyond address and store.
  async serve(text, {listen = "127.0.0.1:0", store = `sqlite:${join(this.folder, `store-${++this.count}.db`)}`} = {}) {
    const file = this.file(`moerge-${++this.count}.yaml`, `server: {listen: "${listen}"}\nstore: "${store}"\n${smallVocabulary()}${text}`);
    const program = await this.start(["serve", "--config", file]);
    const url = await program.url;
    await until(async () => (await fetch(url + "/ready")).ok, "the server is ready");
    return {program, url, store, file};
  }
  async clear() {
    const codes = [];
    for (const program of this.programs.reverse()) codes.push([program, await program.stop()]);
    for (const server of this.servers) server.closeAllConnections?.();
    for (const server of this.servers) server.close();
    rmSync(this.folder, {recursive: true, force: true});
    return codes.filter(([, code]) => code !== 0);
  }
}

// Asks until it is true, for a minute at most.
export async function until(condition, what, most = START_MS) {
  for (const end = Date.now() + most; Date.now() < end;) {
    try {
      if (await condition()) return;
    } catch {
      // Not yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`after ${most / 1000} s it is not so: ${what}`);
}

export async function api(url, method, path, body, headers = {}) {
  const reply = await fetch(url + path, {
    method, headers: {"content-type": "application/json", ...headers},
    ...(body === undefined ? {} : {body: typeof body === "string" ? body : JSON.stringify(body)}),
  });
  const text = await reply.text();
  return {status: reply.status, body: text ? JSON.parse(text) : null, headers: reply.headers};
}

export const chat = (url, model, content, more = {}) => api(url, "POST", "/v1/chat/completions", {model, messages: [{role: "user", content}], ...more});
