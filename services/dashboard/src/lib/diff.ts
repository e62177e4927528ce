// What a decision of then and the same request's decision of today differ in. Pure.
import {score} from "./format";
import type {Candidate, Decision} from "./types";

export interface Difference {
  what: string;
  then: string;
  now: string;
}

const NOTICED = 0.005;  // differences of scores below this are rounding

const list = (names: string[]) => names.join(", ") || "none";

function candidateText(candidate: Candidate | undefined): string {
  if (!candidate) return "not among the candidates";
  if (candidate.excluded) return `left out: ${candidate.excluded}`;
  return `${score(candidate.expected)} (${score(candidate.low)} to ${score(candidate.high)})`;
}

function differs(a: Candidate | undefined, b: Candidate | undefined): boolean {
  if (!a || !b) return a !== b;
  if (a.excluded !== b.excluded) return true;
  return (["expected", "low", "high"] as const).some((key) => Math.abs(a[key] - b[key]) >= NOTICED);
}

export function differences(then: Decision, now: Decision): Difference[] {
  const found: Difference[] = [];
  const add = (what: string, a: string, b: string) => {
    if (a !== b) found.push({what, then: a, now: b});
  };
  add("asks", list(then.roster.map((seat) => seat.expert)), list(now.roster.map((seat) => seat.expert)));
  add("fallbacks", list(then.fallbacks), list(now.fallbacks));
  add("policy", then.policy, now.policy);
  add("classifier", then.demand?.classifier ?? "none", now.demand?.classifier ?? "none");
  const skills = new Set([...(then.demand?.skills ?? []), ...(now.demand?.skills ?? [])].map((one) => one.skill));
  for (const skill of skills) {
    const of = (decision: Decision) => decision.demand?.skills.find((one) => one.skill === skill)?.probability ?? 0;
    if (Math.abs(of(then) - of(now)) >= NOTICED) add(`skill ${skill}`, score(of(then)), score(of(now)));
  }
  const names = new Set([...then.candidates, ...now.candidates].map((one) => one.expert));
  for (const name of names) {
    const a = then.candidates.find((one) => one.expert === name), b = now.candidates.find((one) => one.expert === name);
    if (differs(a, b)) add(name, candidateText(a), candidateText(b));
  }
  return found;
}

// Fields of a registered thing that differ, before and after; null: it was not there, or is gone.
export function changedFields(record: {before: Record<string, unknown> | null; after: Record<string, unknown> | null}): [field: string, before: string, after: string][] {
  const text = (value: unknown) => (value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value));
  const keys = new Set([...Object.keys(record.before ?? {}), ...Object.keys(record.after ?? {})]);
  return [...keys].map((key): [string, string, string] => [key, text(record.before?.[key]), text(record.after?.[key])]).filter(([, before, after]) => before !== after);
}
