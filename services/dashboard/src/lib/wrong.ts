// What is wrong at present, as sentences that say where and what to do. Pure.
import {count, percent, plural, span} from "./format";
import {shares} from "./series";
import {wilson} from "./stats";
import type {Alarm, Avoidance, Backend, Expert, Health, Profile, ResidencyState, UsageRow} from "./types";

export interface Wrong {
  tone: "bad" | "warn";
  text: string;
  path: string;
  query: Record<string, string>;
  link: string;
}

interface Seen {
  health: Health | null;
  ready: {status: string; reason?: string} | null;
  backends: Backend[];
  experts: Expert[];
  residency?: ResidencyState[];
  usage: UsageRow[];  // by expert
  alarms?: Alarm[];
}

const FEW = 5;            // requests below which a share of errors says little
const MANY_ERRORS = 0.05;

// A fall of measured success, as the server found it.
export function alarmText(alarm: Alarm): string {
  const what = alarm.measure === "feedback" ? "Judgements of" : "The success of";
  const fall = `${percent(alarm.before)} of ${plural(alarm.before_count, "request")} to ${percent(alarm.after)} of ${count(alarm.after_count)}`;
  return alarm.kind === "policy"
    ? `${what} the version of ${alarm.name} that is on trial: worse than the one in force, from ${fall}.`
    : `${what} ${alarm.name} fell from ${fall}.`;
}

export function wrongNow({health, ready, backends, experts, residency = [], usage, alarms = []}: Seen): Wrong[] {
  const list: Wrong[] = [];
  if (health && health.store !== "ok") {
    list.push({tone: "bad", text: `The store fails (${health.store_failing ?? "unknown part"}): what happens now may not be kept. Check the disk and the log.`, path: "/settings", query: {}, link: "Settings"});
  }
  if (ready && ready.status !== "ready") {
    list.push({tone: "warn", text: `moerge does not route yet: ${ready.reason ?? "it is starting"}.`, path: "/settings", query: {}, link: "Settings"});
  }
  for (const backend of backends) {
    const condition = condense(backend);
    if (condition) list.push({tone: "bad", ...condition, path: "/experts", query: {backend: backend.name}, link: "Its experts"});
    for (const one of backend.condition?.models ?? []) {
      list.push({tone: "bad", text: `The model ${one.model} of the backend ${backend.name} is avoided${since(one)}: ${one.reason ?? "its calls fail"}. The backend's other models are used; its own log says more.`,
        path: "/experts", query: {backend: backend.name}, link: "Its experts"});
    }
  }
  for (const model of residency.flatMap((state) => state.models)) {
    if (model.state !== "failed") continue;
    list.push({tone: "bad", text: `The model of ${model.expert} cannot be loaded: ${model.error ?? "its server says no reason"}.`, path: "/experts", query: {open: model.expert}, link: "The expert"});
  }
  for (const alarm of alarms) {
    list.push({tone: "bad", text: alarmText(alarm), ...(alarm.kind === "policy"
      ? {path: "/policies", query: {trial: alarm.name}, link: "The trial"} : {path: "/experts", query: {open: alarm.name}, link: "The expert"})});
  }
  const all = usage.reduce((sum, row) => sum + row.requests, 0);
  const failed = usage.reduce((sum, row) => sum + row.errors, 0);
  if (all >= FEW && failed / all > MANY_ERRORS) {
    list.push({tone: "bad", text: `${percent(failed / all)} of ${plural(all, "request")} in this time failed.`, path: "/requests", query: {outcome: "error"}, link: "The failed ones"});
  }
  for (const share of shares(usage, "expert")) {
    if (share.name && share.requests >= FEW && share.errors / share.requests > MANY_ERRORS) {
      list.push({tone: "warn", text: `${share.name} failed in ${percent(share.errors / share.requests)} of its ${plural(share.requests, "request")}.`, path: "/requests", query: {expert: share.name, outcome: "error"}, link: "Which ones"});
    }
  }
  const models = experts.filter((expert) => expert.kind === "llm");
  const silent = models.filter((expert) => expert.enabled && expert.provisional && !Object.keys(expert.skills).length);
  if (silent.length) {
    list.push({tone: "bad", text: `${plural(silent.length, "expert")} (${namesOf(silent)}) ${silent.length === 1 ? "declares" : "declare"} no strength: routing chooses ${silent.length === 1 ? "it" : "them"} for nothing but what is measured. Change ${silent.length === 1 ? "it" : "them"} and declare one, such as general 0.5.`,
      path: "/experts", query: {find: silent[0]!.name}, link: "Declare one"});
  }
  const claimed = models.filter((expert) => expert.enabled && expert.provisional);
  if (claimed.length) {
    list.push({tone: "warn", text: `${plural(claimed.length, "expert")} (${namesOf(claimed)}) ${claimed.length === 1 ? "is" : "are"} known by claims rather than by measurements. Import results, or judge answers, to let routing know better.`, path: "/evaluation", query: {}, link: "Import results"});
  }
  if (models.length && models.every((expert) => !expert.enabled)) {
    list.push({tone: "bad", text: "Every model is disabled; only the built-in tools answer.", path: "/experts", query: {}, link: "Enable one"});
  }
  return list;
}

function namesOf(experts: Expert[]): string {
  return experts.slice(0, 4).map((expert) => expert.name).join(", ") + (experts.length > 4 ? " and others" : "");
}

function since(one: Avoidance): string {
  return one.for_seconds ? ` for ${span(one.for_seconds * 1000)}` : "";
}

function condense(backend: Backend): {text: string} | null {
  const condition = backend.condition;
  if (!condition) return null;
  if (condition.avoided) {
    const answers = /answered with status/.test(condition.reason ?? "");
    const next = answers ? "It is there, so its own log says more; an expert whose model is broken is better disabled." : `Is ${backend.base_url} running?`;
    return {text: `The backend ${backend.name} is avoided${since(condition)}: ${condition.reason ?? "its calls fail"}. ${next}`};
  }
  if (condition.resting_ms > 0) return {text: `The backend ${backend.name} asked for a pause of ${span(condition.resting_ms)}: ${condition.reason ?? "it answered that it has too much to do"}.`};
  return null;
}

export interface Warning {
  key: string;
  text: string;
}

// The expert whose measured answers are best over all its trials; null where nothing is measured.
export function generalist(profiles: Profile[]): Profile | null {
  let best: Profile | null = null, height = -1;
  for (const profile of profiles) {
    const wins = profile.measured.reduce((sum, one) => sum + one.wins, 0);
    const trials = profile.measured.reduce((sum, one) => sum + one.trials, 0);
    const low = trials >= 10 ? wilson(wins, trials).low : -1;
    if (low > height) [best, height] = [profile, low];
  }
  return best;
}

// What a reader of this expert's card should know before trusting it.
export function warningsOf(expert: Expert, profile: Profile | undefined, best: Profile | null): Warning[] {
  const list: Warning[] = [];
  if (expert.kind === "tool") return list;
  if (!profile?.measured.length && !Object.keys(expert.skills).length) {
    list.push({key: "silent", text: "Nothing is declared or measured: routing never chooses it, and only requests that name it reach it. Change it and declare a strength, such as general 0.5."});
  } else if (!profile?.measured.length) {
    list.push({key: "claim", text: "Nothing is measured: its strengths are what it claims."});
  } else if (expert.provisional) {
    const trials = Math.round(profile.measured.reduce((sum, one) => sum + one.trials, 0));
    list.push({key: "few", text: `${plural(trials, "trial")} measured of the 50 from which its strengths count as known.`});
  }
  if (!profile || !best || best.expert === expert.name) return list;
  const below = profile.measured.filter((own) => {
    const theirs = best.measured.find((one) => one.skill === own.skill);
    return theirs && wilson(own.wins, own.trials).high < wilson(theirs.wins, theirs.trials).low;
  });
  if (below.length) {
    list.push({key: "below", text: `Below ${best.expert}, the best over all, in ${below.map((one) => `${one.skill} (${percent(one.mean)})`).slice(0, 4).join(", ")}.`});
  }
  return list;
}
