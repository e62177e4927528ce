// Series over time out of usage rows or single requests. Pure.
import {percentile} from "./stats";
import type {DecisionRow, UsageRow} from "./types";

export interface Traffic {
  times: number[];  // seconds, the beginning of each step
  requests: number[];
  errors: number[];
  cost: number[];
  latency: {label: string; values: (number | null)[]}[];
}

export interface Totals {
  requests: number;
  errors: number;
  cancelled: number;
  tokens: number;
  cost: number;
  meanLatency: number | null;
}

export function steps(since: Date, until: Date, seconds: number): number[] {
  const list: number[] = [];
  const first = Math.floor(since.getTime() / 1000 / seconds) * seconds;
  for (let at = first; at <= until.getTime() / 1000; at += seconds) list.push(at);
  return list;
}

// Rows of one step become one; steps without a row are zero, and have no latency.
export function usageTraffic(rows: UsageRow[], times: number[]): Traffic {
  const at = new Map(times.map((time, index) => [time, index]));
  const zero = () => times.map(() => 0);
  const traffic = {requests: zero(), errors: zero(), cost: zero()};
  const spent = zero();
  for (const row of rows) {
    const index = at.get(Date.parse(row.start) / 1000);
    if (index == null) continue;
    traffic.requests[index]! += row.requests;
    traffic.errors[index]! += row.errors;
    traffic.cost[index]! += row.cost_usd;
    spent[index]! += row.mean_latency_ms * row.requests;
  }
  const mean = spent.map((ms, index) => (traffic.requests[index] ? ms / traffic.requests[index]! : null));
  return {times, ...traffic, latency: [{label: "mean", values: mean}]};
}

// Percentiles by step, of rows that are one a step and hold them; null where they hold none.
export function percentileSeries(rows: UsageRow[], times: number[], what: "latency_ms" | "first_token_ms"): Traffic["latency"] | null {
  const at = new Map(times.map((time, index) => [time, index]));
  const series = (["p50", "p95", "p99"] as const).map((label) => ({label, values: times.map((): number | null => null)}));
  let some = false;
  for (const row of rows) {
    const index = at.get(Date.parse(row.start) / 1000), values = row[what];
    if (index == null || !values) continue;
    some = true;
    for (const one of series) one.values[index] = values[one.label];
  }
  return some ? series : null;
}

export function requestTraffic(rows: DecisionRow[], times: number[], seconds: number): Traffic {
  const first = times[0] ?? 0;
  const zero = () => times.map(() => 0);
  const traffic = {requests: zero(), errors: zero(), cost: zero()};
  const latencies: number[][] = times.map(() => []);
  for (const row of rows) {
    const index = Math.floor((Date.parse(row.time) / 1000 - first) / seconds);
    if (index < 0 || index >= times.length) continue;
    traffic.requests[index]! += 1;
    if (row.outcome === "error") traffic.errors[index]! += 1;
    traffic.cost[index]! += row.cost_usd;
    latencies[index]!.push(row.latency_ms);
  }
  for (const list of latencies) list.sort((a, b) => a - b);
  const latency = [0.5, 0.95, 0.99].map((share) => (
    {label: `p${share * 100}`, values: latencies.map((list) => percentile(list, share))}));
  return {times, ...traffic, latency};
}

export function totals(rows: UsageRow[]): Totals {
  const sum = (value: (row: UsageRow) => number) => rows.reduce((all, row) => all + value(row), 0);
  const requests = sum((row) => row.requests);
  return {
    requests, errors: sum((row) => row.errors), cancelled: sum((row) => row.cancelled),
    tokens: sum((row) => row.prompt_tokens + row.completion_tokens), cost: sum((row) => row.cost_usd),
    meanLatency: requests ? sum((row) => row.mean_latency_ms * row.requests) / requests : null,
  };
}

export interface Share {
  name: string;
  requests: number;
  errors: number;
  cost: number;
}

export function shares(rows: UsageRow[], key: "expert" | "skill" | "policy" | "client"): Share[] {
  const by = new Map<string, Share>();
  for (const row of rows) {
    const name = row[key] ?? "";
    const share = by.get(name) ?? {name, requests: 0, errors: 0, cost: 0};
    share.requests += row.requests;
    share.errors += row.errors;
    share.cost += row.cost_usd;
    by.set(name, share);
  }
  return [...by.values()].sort((a, b) => b.requests - a.requests);
}

// Requests by step of the `most` largest groups and of all others together.
export function stackedShares(rows: UsageRow[], key: "expert" | "skill", times: number[], most: number): {label: string; values: number[]}[] {
  const at = new Map(times.map((time, index) => [time, index]));
  const names = shares(rows, key).slice(0, most).map((share) => share.name);
  const lists = new Map<string, number[]>();
  for (const row of rows) {
    const index = at.get(Date.parse(row.start) / 1000);
    if (index == null) continue;
    const name = names.includes(row[key] ?? "") ? row[key] || "none" : "others";
    const list = lists.get(name) ?? times.map(() => 0);
    list[index]! += row.requests;
    lists.set(name, list);
  }
  return [...lists].map(([label, values]) => ({label, values}));
}
