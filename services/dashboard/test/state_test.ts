import assert from "node:assert/strict";
import test from "node:test";
import {address, namePath, parseShare, patched, shareText} from "../src/lib/query";
import {withArrived} from "../src/lib/decisions";
import type {DecisionRow, ResidencyState} from "../src/lib/types";
import {modelsOf, stateOf} from "../src/lib/residency";
import {csv, ordered, orderText, parseOrder} from "../src/lib/tables";
import {parseStrengths, strengthsText} from "../src/lib/strengths";

test("the same state has one address, and what is empty is left out", () => {
  assert.equal(address("/ui/x", {b: "2", a: "1 &", c: ""}), "/ui/x?a=1%20%26&b=2");
  assert.deepEqual(patched({a: "1"}, {b: "2", a: undefined}), {a: undefined, b: "2"});
  assert.equal(namePath("org/model:7b ü"), "org/model%3A7b%20%C3%BC");
});

test("a share link gives back the request and the policies", () => {
  const shared = {policies: ["auto", "moerge/vote"], user: "1 + 1 = ?\n#&<b>", system: "be brief"};
  assert.deepEqual(parseShare(shareText(shared)), shared);
  assert.equal(parseShare(""), null);
});

test("a model on several devices is as it is where it is loaded", () => {
  const on = (backend: string, state: string) => ({backend, models: [{expert: "ada", state}, {expert: "clio", state: "out"}]});
  const states = [on("gpus", "out"), on("gpus", "loaded"), on("gpus", "loading"), on("other", "failed")] as ResidencyState[];
  const models = modelsOf(states, "gpus");
  assert.equal(models.length, 6);
  assert.equal(stateOf(models, "ada")?.state, "loaded");
  assert.equal(stateOf(models, "clio")?.state, "out");
  assert.equal(stateOf(models, "remy"), undefined);
});

test("CSV quotes what needs it and disarms formulas", () => {
  assert.equal(csv([{a: 'x"y', b: 1}, {a: "=1+1", b: null}]), 'a,b\r\n"x""y",1\r\n\'=1+1,\r\n');
  assert.equal(csv([{n: -5}]), "n\r\n-5\r\n");
  assert.equal(csv([]), "");
});

test("rows are ordered by size and by name, what is missing last", () => {
  const rows = [{v: 2}, {v: null}, {v: 10}];
  assert.deepEqual(ordered(rows, (row) => row.v, false).map((row) => row.v), [2, 10, null]);
  assert.deepEqual(ordered(rows, (row) => row.v, true).map((row) => row.v), [10, 2, null]);
  assert.deepEqual(parseOrder(orderText({key: "a", down: true}), {key: "b", down: false}), {key: "a", down: true});
});

test("strengths are read line by line, and a wrong line is named", () => {
  const skills = {algebra: 0.9, "real analysis": 0.25};
  assert.deepEqual(parseStrengths(strengthsText(skills)), {skills, error: null});
  assert.deepEqual(parseStrengths("algebra: 1\n\n").skills, {algebra: 1});
  assert.match(parseStrengths("algebra 0.5\nhistory 7").error ?? "", /Line 2/);
});

test("what was shown live is not lost to a page that the store wrote before it", () => {
  const row = (id: string, policy: string) => ({id, policy}) as DecisionRow;
  const arrived = [{row: row("d", "x"), at: 9_000}, {row: row("c", "y"), at: 9_000}, {row: row("b", "x"), at: 9_000}, {row: row("old", "x"), at: -5_000}];
  assert.deepEqual(withArrived([row("b", "x"), row("a", "x")], arrived, {policy: "x"}, 10_000).map(({id}) => id), ["d", "b", "a"]);
});
