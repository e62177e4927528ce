import assert from "node:assert/strict";
import test from "node:test";
import {contributions, entropyOf} from "../src/lib/contribution";
import type {Expert, Profile, UsageRow} from "../src/lib/types";

const expert = (name: string, price: number): Expert => ({
  name, origin: "store", kind: "llm", description: "", backend: "b", model: name, context: 0, max_output: 0, price: {input: price, output: price}, memory_gb: 0,
  active_params: 0, latency_ms: 0, vision: false, function_calling: false, skills: {}, tags: [], licence: "", enabled: true, provisional: false,
  latency: {source: "unknown", typical_ms: null, high_ms: null, measured: null},
});
const profile = (name: string, means: Record<string, number>): Profile => ({
  expert: name, provisional: false, roles: [], declared: {}, declared_by: "", wins: 0, trials: 0,
  measured: Object.entries(means).map(([skill, mean]) => ({skill, mean, wins: mean * 100, trials: 100, sources: []})),
});
const used = (key: "expert" | "skill", name: string, requests: number, errors = 0): UsageRow => ({
  start: "", [key]: name, requests, errors, cancelled: 0, prompt_tokens: 0, completion_tokens: 0, cost_usd: 0, mean_latency_ms: 0, calls: 0,
});

const EXPERTS = [expert("good", 2), expert("copy", 2), expert("special", 5), expert("useless", 9)];
const PROFILES = [
  profile("good", {a: 0.8, b: 0.7}), profile("copy", {a: 0.8, b: 0.7}), profile("special", {b: 0.9}), profile("useless", {a: 0.1, b: 0.2}),
];
const BY_EXPERT = [used("expert", "good", 60, 6), used("expert", "copy", 20), used("expert", "special", 20), used("expert", "", 5)];
const BY_SKILL = [used("skill", "a", 75), used("skill", "b", 25)];

test("a useless expert and a duplicate are found, and who is worth having", () => {
  const found = contributions(EXPERTS, PROFILES, BY_EXPERT, BY_SKILL);
  const of = Object.fromEntries(found.list.map((one) => [one.expert, one]));
  assert.deepEqual(found.list.filter((one) => one.dead).map((one) => one.expert), ["useless"]);
  assert.equal(of["useless"]!.coveredBy, "good");
  assert.deepEqual([of["good"]!.coveredBy, of["copy"]!.coveredBy].filter(Boolean), ["copy"], "one of two that are alike");
  assert.equal(of["special"]!.coveredBy, null);
  assert.deepEqual(found.list.filter((one) => one.valuable).map((one) => one.expert), ["special"]);
  assert.equal(of["good"]!.success, 0.9);
  assert.equal(of["good"]!.share, 0.6);
});

test("what is lost without an expert is what a computation without it says", () => {
  const value = (names: string[]) => [["a", 0.75], ["b", 0.25]].reduce((sum, [skill, weight]) => sum + (weight as number) *
    Math.max(0, ...PROFILES.filter((one) => names.includes(one.expert)).map((one) => one.measured.find((each) => each.skill === skill)?.mean ?? 0)), 0);
  const all = EXPERTS.map((one) => one.name);
  for (const one of contributions(EXPERTS, PROFILES, BY_EXPERT, BY_SKILL).list) {
    assert.ok(Math.abs(one.marginal! - (value(all) - value(all.filter((name) => name !== one.expert)))) < 1e-12, one.expert);
  }
});

test("the entropy of shares is the one by hand", () => {
  assert.equal(entropyOf([1, 1, 1, 1]), 2);
  assert.equal(entropyOf([5, 0, 0]), 0);
  assert.equal(entropyOf([]), null);
  assert.ok(Math.abs(entropyOf([3, 1])! - 0.8112781244591328) < 1e-12);
});

test("few requests and few trials say nothing", () => {
  const found = contributions(EXPERTS, [], [used("expert", "good", 10)], []);
  assert.ok(found.list.every((one) => !one.dead && !one.valuable && one.coveredBy == null && one.marginal == null));
});
