import assert from "node:assert/strict";
import test from "node:test";
import {lanesOf} from "../src/charts/attempts";
import {isDebate, roundsOf} from "../src/charts/transcript";
import {blocksOf} from "../src/charts/votes";
import {matrixOf, mistakesOf} from "../src/lib/confusion";
import {changedFields, differences} from "../src/lib/diff";
import {sourcesOf, standings} from "../src/lib/evidence";
import * as schedule from "../src/lib/schedule";
import {decades, linear, logarithmic, ticks} from "../src/lib/scale";
import {requestTraffic, shares, stackedShares, steps, totals, usageTraffic} from "../src/lib/series";
import {paretoFront, percentile, wilson} from "../src/lib/stats";
import type {Answer, Candidate, Confusion, Decision, DecisionRow, Expert, Profile, ResidencySpell, UsageRow} from "../src/lib/types";
import {warningsOf, wrongNow} from "../src/lib/wrong";

test("scales map their ends, and steps are round", () => {
  assert.equal(linear([0, 10], [100, 200])(5), 150);
  const log = logarithmic([0.1, 10], [0, 100], 0.1);
  assert.deepEqual([0, 0.1, 1, 10].map((value) => Math.round(log(value))), [0, 0, 50, 100]);
  assert.deepEqual(ticks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(ticks(3, 3, 5), [3]);
  assert.deepEqual(decades(0.1, 9), [0.1, 1, 10]);
});

test("an interval holds its mean, narrows with trials, and is all of 0 to 1 without any", () => {
  const few = wilson(3, 6), many = wilson(300, 600);
  assert.ok(few.low < 0.5 && few.high > 0.5 && many.high - many.low < few.high - few.low);
  assert.deepEqual(wilson(0, 0), {mean: 0.5, low: 0, high: 1});
  assert.equal(percentile([1, 2, 3, 4], 0.5), 2);
  assert.equal(percentile([], 0.5), null);
  assert.deepEqual(paretoFront([{name: "a", cost: 1, value: 0.5}, {name: "b", cost: 2, value: 0.4}, {name: "c", cost: 3, value: 0.9}]).map((one) => one.name), ["a", "c"]);
});

const usage = (start: string, expert: string, requests: number, errors: number): UsageRow => ({
  start, expert, requests, errors, cancelled: 0, prompt_tokens: 10, completion_tokens: 5, cost_usd: 0.5, mean_latency_ms: 100, calls: requests,
});

test("usage becomes series with a place for every hour", () => {
  const times = steps(new Date("2026-03-01T00:30:00Z"), new Date("2026-03-01T03:10:00Z"), 3600);
  assert.equal(times.length, 4);
  const rows = [usage("2026-03-01T01:00:00.000Z", "a", 4, 1), usage("2026-03-01T01:00:00.000Z", "b", 2, 0), usage("2026-03-01T03:00:00.000Z", "", 1, 1)];
  const traffic = usageTraffic(rows, times);
  assert.deepEqual(traffic.requests, [0, 6, 0, 1]);
  assert.deepEqual(traffic.errors, [0, 1, 0, 1]);
  assert.deepEqual(traffic.latency[0]?.values, [null, 100, null, 100]);
  assert.equal(totals(rows).requests, 7);
  assert.deepEqual(shares(rows, "expert").map((share) => share.name), ["a", "b", ""]);
  assert.deepEqual(stackedShares(rows, "expert", times, 1), [{label: "a", values: [0, 4, 0, 0]}, {label: "others", values: [0, 2, 0, 1]}]);
});

test("single requests become percentiles by step", () => {
  const times = steps(new Date("2026-03-01T00:00:00Z"), new Date("2026-03-01T00:01:00Z"), 60);
  const rows = [10, 20, 30].map((latency_ms) => ({time: "2026-03-01T00:00:30Z", outcome: latency_ms === 30 ? "error" : "ok", latency_ms, cost_usd: 1} as DecisionRow));
  const traffic = requestTraffic(rows, times, 60);
  assert.deepEqual([traffic.requests, traffic.errors, traffic.cost], [[3, 0], [1, 0], [3, 0]]);
  assert.deepEqual(traffic.latency.map((one) => one.values[0]), [20, 30, 30]);
});

const candidate = (expert: string, expected: number, excluded: string | null = null): Candidate => (
  {expert, expected, low: expected - 0.1, high: expected + 0.1, price: 0, utility: expected, excluded});

const decision = (over: Partial<Decision>): Decision => ({
  id: "d", time: "", request_id: "", revision: 1, model: "auto", policy: "auto", stream: false, outcome: "ok", expert: "a", error: null,
  demand: {classifier: "lexical", confidence: 1, bytes_read: 1, bytes_total: 1, skills: [{skill: "algebra", probability: 0.9}], notes: []},
  considered: 2, candidates: [candidate("a", 0.9), candidate("b", 0.5)], roster: [{expert: "a", weight: 1}], fallbacks: ["b"], reasons: [],
  attempts: [], timings: {classify_us: 500, recruit_us: 500, upstream_ms: 9, first_token_ms: null, total_ms: 12, overhead_ms: 2}, usage: null,
  cost_usd: 0, request: null, ...over,
});

test("only what differs between two decisions is shown", () => {
  assert.deepEqual(differences(decision({}), decision({revision: 2, candidates: [candidate("a", 0.902), candidate("b", 0.5)]})), []);
  const now = decision({candidates: [candidate("a", 0.9, "disabled"), candidate("b", 0.7), candidate("c", 0.3)], roster: [{expert: "b", weight: 1}], fallbacks: []});
  assert.deepEqual(differences(decision({}), now).map((one) => one.what), ["asks", "fallbacks", "a", "b", "c"]);
});

test("calls begin when they began, or follow one another", () => {
  const attempts = ["a", "b"].map((expert, index) => ({expert, outcome: index ? "ok" : "failed", code: null, error: null, note: null, ms: 4, retry: 0} as const));
  const froms = (over: Partial<Decision>) => lanesOf(decision({attempts: [...attempts], ...over})).map((lane) => lane.pieces[0]?.from);
  assert.deepEqual(froms({}), [0, 1, 5]);
  const started = attempts.map((attempt, index) => ({...attempt, start_ms: 1.5 + index / 4}));
  assert.deepEqual(froms({aggregate: "vote", attempts: started}), [0, 1.5, 1.75]);
});

test("answers that are the same are one block", () => {
  const answer = (expert: string, text: string | null, weight: number) => ({expert, answer: text, weight, won: text === "4"} as Answer);
  const blocks = blocksOf([answer("a", "4", 1), answer("b", "5", 1.5), answer("c", "4", 1), answer("d", null, 0.1)]);
  assert.deepEqual(blocks.map((block) => [block.answer, block.weight, block.won]), [["4", 2, true], ["5", 1.5, false], ["", 0.1, false]]);
});

const profile = (expert: string, wins: number, trials: number): Profile => ({
  expert, provisional: trials < 50, declared: {}, declared_by: "store", roles: [], wins, trials,
  measured: trials ? [{skill: "algebra", wins, trials, mean: wins / trials, sources: [{source: "table", wins, trials, updated: "2026-03-01T00:00:00Z"}]}] : [],
});
const expert = (name: string) => ({name, kind: "llm", enabled: true, provisional: false, price: {input: 1, output: 3}, skills: {}} as unknown as Expert);

test("evidence is summed by source and by expert", () => {
  const profiles = [profile("a", 90, 100), profile("b", 10, 100), profile("c", 0, 0)];
  assert.deepEqual(sourcesOf(profiles), [{source: "table", experts: 2, skills: 1, trials: 200, updated: "2026-03-01T00:00:00Z"}]);
  assert.deepEqual(standings(profiles, [expert("a")], null).map((one) => [one.name, one.mean, one.price]), [["a", 0.9, 2], ["b", 0.1, 0]]);
});

test("a card warns of claims and of what is below the best", () => {
  const best = profile("a", 90, 100);
  const keys = (name: string, known: Profile | undefined) => warningsOf(expert(name), known, best).map((one) => one.key);
  assert.deepEqual(keys("a", best), []);
  assert.deepEqual(keys("b", profile("b", 10, 100)), ["below"]);
  assert.deepEqual(keys("b", profile("b", 85, 100)), []);
  assert.deepEqual(warningsOf({...expert("c"), skills: {general: 0.5}}, undefined, best).map((one) => one.key), ["claim"]);
  assert.deepEqual(keys("c", undefined), ["silent"], "neither measured nor declared");
});

test("what is wrong is said once, with where to look", () => {
  const seen = {health: {status: "ok", version: "", store: "failing", store_failing: "decisions"}, ready: {status: "ready"}, experts: [expert("a")],
    backends: [{name: "gpu", base_url: "http://x", condition: {avoided: true, reason: "refused", resting_ms: 0, in_flight: 0, queued: 0}}],
    residency: [{models: [{expert: "a", state: "loaded"}, {expert: "b", state: "failed", error: "no room"}]}],
    usage: [usage("2026-03-01T00:00:00Z", "a", 10, 5)]};
  const list = wrongNow(seen as unknown as Parameters<typeof wrongNow>[0]);
  assert.deepEqual(list.map((one) => one.path), ["/settings", "/experts", "/experts", "/requests", "/requests"]);
  assert.match(list[2]?.text ?? "", /model of b .*no room/);
  assert.ok(list.every((one) => one.link));
  const reason = (text: string) => wrongNow({...seen, experts: [], backends: [{...seen.backends[0], condition: {...seen.backends[0]!.condition, reason: text}}]} as unknown as Parameters<typeof wrongNow>[0])[1]!.text;
  assert.match(reason("cannot connect"), /Is http:\/\/x running\?$/);
  assert.match(reason("backend `gpu` answered with status 500: broken"), /its own log says more; an expert whose model is broken is better disabled\.$/);
});

test("a model that is avoided is named, and its backend's others are not blamed", () => {
  const broken = {model: "ada-q4", avoided: true, reason: "status 500", for_seconds: 90, resting_ms: 0};
  const backends = [{name: "gpu", base_url: "http://x", condition: {avoided: false, resting_ms: 0, in_flight: 0, queued: 0, models: [broken]}}];
  const list = wrongNow({health: null, ready: null, experts: [], backends, usage: []} as unknown as Parameters<typeof wrongNow>[0]);
  assert.equal(list.length, 1);
  assert.match(list[0]!.text, /^The model ada-q4 of the backend gpu is avoided for .*: status 500\. The backend's other models are used/);
  assert.deepEqual(list[0]!.query, {backend: "gpu"});
});

test("experts that declare nothing are said never to be chosen", () => {
  const alone = {...expert("new"), provisional: true};
  const seen = {health: null, ready: null, experts: [alone, {...expert("old"), skills: {general: 0.5}}], backends: [], usage: []};
  const list = wrongNow(seen as unknown as Parameters<typeof wrongNow>[0]);
  assert.deepEqual(list.map((one) => [one.tone, one.query["find"] ?? ""]), [["bad", "new"], ["warn", ""]]);
  assert.match(list[0]?.text ?? "", /^1 expert \(new\) declares no strength: routing chooses it for nothing but what is measured/);
});

test("of a changed thing only the fields that differ are shown", () => {
  assert.deepEqual(changedFields({before: {a: 1, b: "x", c: [1]}, after: {a: 1, b: "y", c: [1]}}), [["b", "x", "y"]]);
  assert.deepEqual(changedFields({before: null, after: {a: {b: 1}}}), [["a", "–", '{"b":1}']]);
});

const spell = (expert: string, state: ResidencySpell["state"], begun: number, ended: number | null, device = "gpu"): ResidencySpell => ({
  device, backend: device, expert, model: expert, state, begun: new Date(begun).toISOString(), ended: ended == null ? null : new Date(ended).toISOString(),
  load: state === "loading" ? {cause: "idle", from: "disk", waiting: 2, oldest_wait_ms: 1500, evicted: ["b"]} : null,
});

test("what a device loads one after the other is one lane, what it has at once are several", () => {
  const now = 100_000;
  const spells = [
    spell("a", "loading", 0, 1000), spell("a", "loaded", 1000, 50_000), spell("b", "loading", 50_000, 52_000), spell("b", "loaded", 52_000, null),
    spell("c", "loaded", 2000, 60_000, "two"), spell("d", "loading", 3000, 4000, "two"), spell("d", "loaded", 4000, null, "two"),
  ];
  const lanes = schedule.lanesOf(spells, {from: 0, to: now}, now);
  assert.deepEqual(lanes.map((one) => [one.device, one.lanes.map((lane) => lane.map((bar) => schedule.nameOf(bar.spell)).join(""))]), [["gpu", ["aabb"]], ["two", ["c", "dd"]]]);
  assert.equal(lanes[0]!.lanes[0]!.at(-1)!.to, now, "what goes on ends at the present");
  assert.equal(schedule.lanesOf(spells, {from: 55_000, to: now}, now)[0]!.lanes[0]!.length, 1, "what ended before is left out");
  assert.deepEqual(Object.fromEntries(schedule.loadsSince(spells, 3000)), {b: 1, d: 1});
});

test("the picture begins with the newest spells and ends with the expected end", () => {
  const spells = Array.from({length: 100}, (_, index) => spell("a", "loaded", index * 1000, index * 1000 + 900));
  const window = schedule.windowOf(spells, 0, 100_000, 120_000);
  assert.equal(window.from, 40_000);
  assert.ok(window.to > 120_000 && window.to < 125_000);
  assert.ok(schedule.windowOf([], 0, 100_000, null).from < 100_000, "never empty");
});

test("a load says what for and in whose place", () => {
  assert.equal(schedule.whyLoaded(spell("a", "loading", 0, 1000)), "loaded in place of b: what left was not in use; 2 calls waited, the oldest for 1.5 s");
  assert.equal(schedule.whyLoaded(spell("a", "loaded", 0, 1000)), null);
  assert.match(schedule.spellText(spell("a", "loaded", 0, null), 65_000), /^a loaded on gpu for 1 min 5 s so far$/);
});

test("a debate is told by rounds, with who changed its mind", () => {
  const said = (expert: string, role: string, answer: string | null): Answer => (
    {expert, role, text: "", answer, weight: 0, won: false, check: null, prompt_tokens: 0, completion_tokens: 0, cost_usd: 0, ms: 0});
  const answers = [said("a", "answer", "1"), said("b", "answer", "2"), said("b", "rebuttal", "1"), said("a", "rebuttal", "1"), said("c", "verdict", null)];
  assert.ok(isDebate(answers) && !isDebate(answers.slice(0, 2)));
  assert.deepEqual(roundsOf(answers).map((round) => [round.title, round.turns.map((turn) => turn.said.expert + (turn.changed ? "!" : ""))]),
    [["Openings", ["a", "b"]], ["Round 1: rebuttals", ["b!", "a"]], ["Verdict", ["c"]]]);
});

test("what is taken for what is summed by category or skill, and of many names the worst are kept", () => {
  const confusion: Confusion = {
    classifier: "lexical",
    skills: [{name: "algebra", category: "mathematics"}, {name: "calculus", category: "mathematics"}, {name: "law", category: "law"}, {name: "art", category: "art"}],
    data: [
      {skill: "algebra", recognised: "algebra", questions: 6, examples: 4}, {skill: "algebra", recognised: "calculus", questions: 2, examples: 0},
      {skill: "calculus", recognised: "law", questions: 1, examples: 1}, {skill: "law", recognised: "law", questions: 0, examples: 5},
      {skill: "art", recognised: "art", questions: 0, examples: 3},
    ],
  };
  const skills = matrixOf(confusion, "skill", "all", 60);
  assert.deepEqual(skills.names, ["algebra", "art", "calculus", "law"]);
  assert.deepEqual(skills.counts[0], [10, 0, 2, 0]);
  assert.deepEqual([skills.right, skills.total, skills.leftOut], [18, 22, 0]);
  assert.deepEqual(mistakesOf(skills).map((one) => [one.truth, one.said, one.count, one.share]), [["calculus", "law", 2, 1], ["algebra", "calculus", 2, 2 / 12]]);
  const categories = matrixOf(confusion, "category", "questions", 60);
  assert.deepEqual(categories.names, ["law", "mathematics"]);
  assert.deepEqual(categories.counts, [[0, 0], [1, 8]]);
  assert.deepEqual(matrixOf(confusion, "skill", "all", 2).names, ["algebra", "calculus"]);
  assert.deepEqual(matrixOf({classifier: "lexical", skills: [], data: []}, "skill", "all", 2).names, []);
});
