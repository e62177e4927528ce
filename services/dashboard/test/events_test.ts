import assert from "node:assert/strict";
import test from "node:test";
import {withProgress, type Member} from "../src/lib/ask";
import {checkRequests, inputsOf, requestsOf, resultsOf} from "../src/lib/jsonl";
import {parseQuestions} from "../src/lib/questions";
import {EventParser} from "../src/lib/sse";

test("events arrive whole, however they are cut", () => {
  const text = ": hello\n\nevent: moerge\ndata: {\"a\":1}\n\ndata: x\r\ndata: y\r\n\r\ndata: [DONE]\n\n";
  const wanted = [{event: "moerge", data: '{"a":1}'}, {event: "message", data: "x\ny"}, {event: "message", data: "[DONE]"}];
  for (let size = 1; size <= text.length; size++) {
    const parser = new EventParser();
    const events = [];
    for (let at = 0; at < text.length; at += size) events.push(...parser.push(text.slice(at, at + size)));
    assert.deepEqual(events, wanted, `pieces of ${size}`);
  }
});

test("a call's state follows its events, an expert asked twice included", () => {
  let members: Member[] = [];
  for (const event of ["asked", "asked", "answered", "failed"] as const) {
    members = withProgress(members, {event, expert: "a", role: "answer", ...(event === "failed" ? {error: "no"} : {})});
  }
  assert.deepEqual(members.map((one) => one.state), ["answered", "failed"]);
  assert.equal(withProgress(members, {event: "answered", expert: "b", role: "answer"}), members);
});

test("a file of requests is checked before it is sent", () => {
  assert.deepEqual(checkRequests(requestsOf("one\n\ntwo\n", "auto")), {lines: 2, error: null});
  assert.match(checkRequests('{"custom_id":"1","body":{}}\nnot json').error ?? "", /^Line 2: it is not JSON/);
  assert.match(checkRequests('{"body":{}}').error ?? "", /custom_id/);
  assert.match(checkRequests("\n").error ?? "", /empty/);
});

test("the lines of an output file become answers and errors", () => {
  const line = (value: object) => JSON.stringify(value);
  const text = [
    line({custom_id: "a", response: {status_code: 200, body: {choices: [{message: {content: "42"}}]}}}),
    line({custom_id: "b", response: {status_code: 503, body: {error: {message: "no expert"}}}}), "broken",
  ].join("\n");
  assert.deepEqual(resultsOf(text).map((one) => [one.id, one.status, one.text]), [["a", 200, "42"], ["b", 503, "no expert"], ["", null, "broken"]]);
});

test("a failed line is found in its input by its id", () => {
  const inputs = inputsOf(requestsOf("first\nsecond", "auto") + "broken\n" + JSON.stringify({custom_id: "e", body: {input: ["x"]}}));
  assert.deepEqual([...inputs].map(([id, one]) => [id, one.line, one.text]), [["line-1", 1, "first"], ["line-2", 2, "second"], ["e", 4, '["x"]']]);
});

test("questions are checked before experts are asked", () => {
  const line = (value: object) => JSON.stringify(value);
  const good = line({id: 1, prompt: "1 + 1?", reference: 2, category: "sums", scores: {a: 1}});
  assert.deepEqual(parseQuestions(good + "\n\n"), {questions: [{id: "1", prompt: "1 + 1?", reference: "2", category: "sums"}], error: null});
  assert.equal(parseQuestions(good + "\n" + line({id: "x", prompt: "?"})).error, "Line 2: reference is missing.");
  assert.equal(parseQuestions("x").error, "Line 1: it is not JSON.");
  assert.equal(parseQuestions("").error, "The file is empty.");
});
