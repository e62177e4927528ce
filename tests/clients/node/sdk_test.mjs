// The official OpenAI SDK for Node.js against a running moerge. stage.py starts it; see there.
import assert from "node:assert/strict";
import { File } from "node:buffer";
import { readFileSync } from "node:fs";
import OpenAI, { toFile } from "openai";
import { report } from "./report.mjs";

globalThis.File ??= File; // node 18 has it as a module's only
const { MOERGE_URL, MOERGE_FAULTY_URL, ECHO_URL, MINI_DATA } = process.env;
const KEY = process.env.MOERGE_TEST_KEY;
const ADMIN_KEY = process.env.MOERGE_TEST_ADMIN_KEY;
const MERSENNE = "170141183460469231731687303715884105727";
const PIXEL =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=";

const rows = (name) =>
  readFileSync(`${MINI_DATA}/${name}`, "utf8").trim().split("\n").map((line) => JSON.parse(line));
const QUESTIONS = rows("mini_table.jsonl");
const REPLIES = new Map(rows("mini_replies.jsonl").map((row) => [row.id, row.replies]));
const TOGETHER = ["ada", "clio", "remy"];
const WITH_WRITER = [...TOGETHER, "echo"];
const SAID = REPLIES.get(QUESTIONS[6].id);

const client = (options = {}) =>
  new OpenAI({ apiKey: KEY, baseURL: `${MOERGE_URL}/v1`, maxRetries: 0, timeout: 60_000, ...options });
const user = (content) => [{ role: "user", content }];
const ask = (content, fields = {}, options = {}) =>
  client().chat.completions.create({ model: "auto", messages: user(content), ...fields }, options);
const textOf = (chunks) => chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
const plain = (text) => text.replaceAll(",", "");

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

async function caught(kind, promise) {
  const error = await promise.then(
    () => assert.fail(`expected ${kind.name}`),
    (thrown) => thrown,
  );
  assert.ok(error instanceof kind, `${error?.constructor?.name}: ${error?.message}`);
  return error;
}

// What the echoing expert received.
async function echoed(fields = {}, options = {}) {
  const completion = await ask("hello", { model: "echo", ...fields }, options);
  return JSON.parse(completion.choices[0].message.content);
}

async function upstreamWasLeft(id) {
  const reply = await fetch(`${ECHO_URL}/left/${id}`);
  return (await reply.json()).left;
}

const tests = {
  async "every question gets the whole reply of the expert that is named"() {
    let right = 0;
    for (const { id, prompt, scores } of QUESTIONS) {
      const completion = await ask(prompt);
      const { expert } = completion.moerge;
      assert.equal(completion.choices[0].message.content, REPLIES.get(id)[expert]);
      assert.equal(completion.model, expert);
      right += scores[expert];
    }
    assert.ok(right >= 20, `${right} of 24 right; the best model alone has 13`);
  },

  async "an expert by name is asked and no other"() {
    const completion = await ask(QUESTIONS[0].prompt, { model: "remy" });
    assert.equal(completion.choices[0].message.content, REPLIES.get("algebra-1").remy);
    assert.equal(completion.moerge.policy, "direct");
  },

  async "headers tell the decision"() {
    const { data, response, request_id } = await client()
      .chat.completions.create(
        { model: "auto", messages: user(QUESTIONS[6].prompt) },
        { headers: { "x-request-id": "from-the-sdk-2" } },
      )
      .withResponse();
    assert.equal(request_id, "from-the-sdk-2");
    assert.equal(response.headers.get("x-moerge-expert"), data.moerge.expert);
    assert.equal(response.headers.get("x-moerge-skill"), "history");
    assert.equal(response.headers.get("x-moerge-policy"), "auto");
    assert.equal(response.headers.get("x-moerge-attempts"), "1");
    assert.equal(response.headers.get("x-moerge-decision"), data.moerge.decision);
    assert.ok(Number(response.headers.get("x-moerge-confidence")) > 0);
    assert.ok(Number(response.headers.get("x-moerge-overhead-ms")) > 0);
  },

  async "explain brings the whole decision"() {
    const completion = await ask(QUESTIONS[6].prompt, { moerge: { explain: true } });
    const decision = completion.moerge.explanation;
    assert.equal(decision.id, completion.moerge.decision);
    assert.equal(decision.demand.skills[0].skill, "history");
  },

  async "arithmetic is exact, streamed or not"() {
    const completion = await ask("What is 2^127 - 1?");
    assert.ok(plain(completion.choices[0].message.content).includes(MERSENNE));
    assert.equal(completion.moerge.expert, "arithmetic");
    const chunks = await collect(await ask("What is 2^127 - 1?", { stream: true }));
    assert.ok(plain(textOf(chunks)).includes(MERSENNE));
  },

  async "chunks together are the whole reply"() {
    for (const { id, prompt } of QUESTIONS.filter((_, i) => i % 4 === 0)) {
      const chunks = await collect(await ask(prompt, { stream: true }));
      assert.equal(textOf(chunks), REPLIES.get(id)[chunks[0].moerge.expert]);
      assert.ok(chunks.length > 5);
      assert.equal(chunks.at(-1).choices[0].finish_reason, "stop");
    }
  },

  async "the SDK's own assembly of a stream agrees"() {
    const runner = client().chat.completions.stream({
      model: "clio", messages: user(QUESTIONS[6].prompt), stream_options: { include_usage: true },
    });
    const completion = await runner.finalChatCompletion();
    assert.equal(completion.choices[0].message.content, REPLIES.get("history-1").clio);
    assert.ok(completion.usage.total_tokens > 0);
  },

  async "usage of a stream comes only when asked for"() {
    const asked = await collect(
      await ask(QUESTIONS[0].prompt, { stream: true, stream_options: { include_usage: true } }),
    );
    assert.ok(asked.at(-1).usage.total_tokens > 0);
    const silent = await collect(await ask(QUESTIONS[0].prompt, { stream: true }));
    assert.ok(silent.every((chunk) => !chunk.usage));
  },

  async "a vote gives the winner's whole reply and what all took"() {
    const completion = await together("moerge/vote");
    const { aggregate } = completion.moerge;
    assert.equal(completion.choices[0].message.content, SAID[completion.model]);
    assert.equal(aggregate.name, "vote");
    assert.equal(aggregate.calls, aggregate.experts.length);
    assert.ok(aggregate.calls > 1);
    const fields = { stream: true, stream_options: { include_usage: true } };
    const chunks = await collect(await together("moerge/vote", fields));
    assert.equal(textOf(chunks), SAID[chunks[0].model]);
    assert.equal(chunks.at(-1).usage.total_tokens, completion.usage.total_tokens);
  },

  async "a writer reads all answers, and its own goes to the client, streamed or not"() {
    const completion = await together("moerge/synthesize", {}, { experts: WITH_WRITER });
    const fields = { stream: true };
    const chunks = await collect(
      await together("moerge/synthesize", fields, { experts: WITH_WRITER }),
    );
    for (const text of [completion.choices[0].message.content, textOf(chunks)]) {
      const read = JSON.parse(text).body.messages.at(-1).content;
      for (const expert of TOGETHER) assert.ok(read.includes(SAID[expert]), expert);
    }
    assert.equal(completion.model, "echo");
    assert.equal(completion.moerge.aggregate.calls, 4);
  },

  async "progress is told in events without choices, which the loop over chunks survives"() {
    for (const model of ["moerge/vote", "moerge/synthesize"]) {
      const events = await collect(await together(model, { stream: true }, { progress: true }));
      assert.ok(textOf(events).length > 0);
      const told = events.filter((event) => event.object === "moerge.progress");
      assert.ok(told.every((event) => event.choices.length === 0));
      for (const event of ["asked", "answered"]) {
        assert.ok(told.some(({ moerge }) => moerge.event === event && moerge.expert === "clio"), event);
      }
    }
  },

  async "the SDK's own assembly of a stream survives progress"() {
    const runner = client().chat.completions.stream({
      model: "moerge/vote", messages: user(QUESTIONS[6].prompt),
      moerge: { experts: TOGETHER, progress: true },
    });
    const completion = await runner.finalChatCompletion();
    assert.equal(completion.choices[0].message.content, SAID[completion.model]);
  },

  async "aborting a stream ends the expert's work"() {
    const stream = await ask("drip", { model: "drip", stream: true },
      { headers: { "x-request-id": "node-aborts" } });
    let count = 0;
    for await (const _ of stream) {
      if (++count === 3) stream.controller.abort();
    }
    assert.ok(await upstreamWasLeft("node-aborts"));
  },

  async "a timeout of the client is typed and ends the expert's work"() {
    await caught(
      OpenAI.APIConnectionTimeoutError,
      ask("drip", { model: "drip" }, { timeout: 500, headers: { "x-request-id": "node-waits" } }),
    );
    assert.ok(await upstreamWasLeft("node-waits"));
  },

  async "tools are passed on"() {
    const tools = [{ type: "function", function: { name: "look_up", parameters: { type: "object" } } }];
    const { body } = await echoed({ tools, tool_choice: "required" });
    assert.deepEqual(body.tools, tools);
    assert.equal(body.tool_choice, "required");
  },

  async "images are passed on"() {
    const content = [
      { type: "text", text: "What is on it?" },
      { type: "image_url", image_url: { url: PIXEL } },
    ];
    const { body } = await echoed({ messages: user(content) });
    assert.deepEqual(body.messages, user(content));
  },

  async "sampling and unknown fields are passed on"() {
    const fields = {
      n: 2, logprobs: true, top_logprobs: 3, seed: 7, temperature: 0.25, stop: ["END"],
      response_format: { type: "json_object" }, logit_bias: { 11: -5 }, top_k: 40,
      vendor: { deep: [1, { a: null }] },
    };
    const { body } = await echoed({ ...fields, moerge: { explain: true } });
    for (const [key, value] of Object.entries(fields)) assert.deepEqual(body[key], value, key);
    assert.equal(body.model, "echo-1");
    assert.ok(!("moerge" in body));
  },

  async "the client's key is not passed on, its ids and traces are"() {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const { headers } = await echoed({}, { headers: { traceparent, "x-request-id": "abc" } });
    assert.ok(!JSON.stringify(headers).includes(KEY));
    assert.equal(headers.traceparent, traceparent);
    assert.equal(headers["x-request-id"], "abc");
  },

  async "embeddings come as base64, which the SDK asks for by itself and reads"() {
    const asked = { model: "echo", input: ["a", "bcd"] };
    const reply = await client().embeddings.create(asked);
    assert.deepEqual(reply.data.map((row) => [...row.embedding]), [[1, 0.5], [3, 0.5]]);
    const raw = await client().embeddings.create({ ...asked, encoding_format: "base64" });
    assert.equal(raw.data[1].embedding, Buffer.from(new Float32Array([3, 0.5]).buffer).toString("base64"));
  },

  async "embeddings go to an expert by name"() {
    const input = ["a", "bcd"];
    const reply = await client().embeddings.create({ model: "echo", input, encoding_format: "float" });
    assert.deepEqual(reply.data.map((item) => item.embedding), [[1, 0.5], [3, 0.5]]);
    const error = await caught(OpenAI.BadRequestError,
      client().embeddings.create({ model: "auto", input, encoding_format: "float" }));
    assert.equal(error.param, "model");
  },

  async "models are listed and retrieved"() {
    const ids = (await collect(await client().models.list())).map((model) => model.id);
    for (const id of ["auto", "moerge/strict", "ada", "clio", "remy", "arithmetic"]) {
      assert.ok(ids.includes(id), id);
    }
    assert.equal((await client().models.retrieve("clio")).moerge.kind, "llm");
    const error = await caught(OpenAI.NotFoundError, client().models.retrieve("adda"));
    assert.equal(error.code, "model_not_found");
  },

  async "a wrong key is an AuthenticationError"() {
    const promise = client({ apiKey: "some-other-key-of-nobody" }).models.list();
    const error = await caught(OpenAI.AuthenticationError, promise);
    assert.equal(error.code, "invalid_api_key");
  },

  async "an unknown model is a NotFoundError with close names"() {
    const error = await caught(OpenAI.NotFoundError, ask("Hi", { model: "clia" }));
    assert.equal(error.code, "model_not_found");
    assert.match(error.message, /clio/);
    assert.deepEqual(Object.keys(error.error).sort(), ["code", "message", "param", "type"]);
  },

  async "bad values are BadRequestErrors that name the field"() {
    for (const [field, value] of Object.entries({ temperature: "hot", n: "two", stop: 5, messages: [] })) {
      const error = await caught(OpenAI.BadRequestError, ask("Hi", { [field]: value }));
      assert.equal(error.param, field);
    }
  },

  async "a batch is uploaded, run and read"() {
    const lines = QUESTIONS.slice(0, 6).map(({ id, prompt }, i) => JSON.stringify({
      custom_id: id, method: "POST", url: "/v1/chat/completions",
      body: { model: TOGETHER[i % 3], messages: user(prompt) },
    }));
    const file = await client().files.create({
      file: await toFile(Buffer.from(lines.join("\n") + "\n"), "questions.jsonl"), purpose: "batch",
    });
    assert.equal(file.purpose, "batch");
    let batch = await client().batches.create({
      input_file_id: file.id, endpoint: "/v1/chat/completions", completion_window: "24h",
    });
    while (!["completed", "failed", "expired", "cancelled"].includes(batch.status)) {
      batch = await client().batches.retrieve(batch.id);
    }
    assert.equal(batch.status, "completed");
    assert.deepEqual(batch.request_counts, { total: 6, completed: 6, failed: 0 });
    const output = await (await client().files.content(batch.output_file_id)).text();
    for (const line of output.trim().split("\n").map((text) => JSON.parse(text))) {
      const place = QUESTIONS.findIndex(({ id }) => id === line.custom_id);
      const said = line.response.body.choices[0].message.content;
      assert.equal(said, REPLIES.get(line.custom_id)[TOGETHER[place % 3]]);
    }
    const listed = [];
    for await (const one of client().batches.list({ limit: 1 })) listed.push(one.id);
    assert.ok(listed.includes(batch.id));
    assert.equal((await client().files.del?.(file.id) ?? await client().files.delete(file.id)).deleted, true);
  },

  async "limits and missing experts are typed"() {
    const limited = await caught(OpenAI.RateLimitError, ask(QUESTIONS[0].prompt, { model: "limited" }));
    assert.equal(limited.status, 429);
    const nobody = await caught(OpenAI.InternalServerError,
      ask(QUESTIONS[6].prompt, { model: "moerge/strict" }));
    assert.deepEqual([nobody.status, nobody.code], [503, "no_expert"]);
    assert.match(nobody.message, /history/);
  },

  async "administration wants another key"() {
    const list = (key) =>
      fetch(`${MOERGE_URL}/api/v1/experts`, { headers: { authorization: `Bearer ${key}` } });
    const refused = await list(KEY);
    assert.equal(refused.status, 403);
    assert.equal((await refused.json()).error.type, "permission_error");
    assert.equal((await list(ADMIN_KEY)).status, 200);
  },

  async "failing experts are followed by the next one"() {
    for (const faulty of ["errors", "garbage", "cut"]) {
      const completion = await faultyAsk([faulty, "solid"]);
      assert.equal(completion.choices[0].message.content, REPLIES.get("algebra-1").ada);
      assert.deepEqual(
        completion.moerge.explanation.attempts.map(({ expert, outcome }) => [expert, outcome]),
        [[faulty, "failed"], ["solid", "ok"]],
      );
    }
  },

  async "a cut stream is an error and never a complete answer"() {
    const seen = [];
    const broken = (async () => {
      for await (const chunk of await faultyAsk(["cut", "solid"], { stream: true })) seen.push(chunk);
    })();
    await caught(OpenAI.APIError, broken);
    assert.ok(seen.length > 0);
    assert.ok(seen.every((chunk) => chunk.choices[0].finish_reason === null));
  },
};

// Several experts give one answer; the echoing expert writes what `synthesize` gives.
function together(model, fields = {}, moerge = {}) {
  return client().chat.completions.create({
    model, messages: user(QUESTIONS[6].prompt), moerge: { experts: TOGETHER, ...moerge }, ...fields,
  });
}

function faultyAsk(experts, fields = {}) {
  return client({ baseURL: `${MOERGE_FAULTY_URL}/v1` }).chat.completions.create({
    model: "auto", messages: user(QUESTIONS[0].prompt), moerge: { experts, explain: true }, ...fields,
  });
}

await report(tests);
