// Profiles summed up: by source, and over all skills. Pure.
import {wilson, type Interval} from "./stats";
import type {Expert, Profile} from "./types";

export interface Source {
  source: string;
  experts: number;
  skills: number;
  trials: number;
  updated: string | null;
}

export function sourcesOf(profiles: Profile[]): Source[] {
  const by = new Map<string, {experts: Set<string>; skills: Set<string>; trials: number; updated: string | null}>();
  for (const profile of profiles) {
    for (const one of profile.measured) {
      for (const source of one.sources) {
        const sum = by.get(source.source) ?? {experts: new Set(), skills: new Set(), trials: 0, updated: null};
        sum.experts.add(profile.expert);
        sum.skills.add(one.skill);
        sum.trials += source.trials;
        if (source.updated && (!sum.updated || source.updated > sum.updated)) sum.updated = source.updated;
        by.set(source.source, sum);
      }
    }
  }
  return [...by].map(([source, sum]) => ({source, experts: sum.experts.size, skills: sum.skills.size, trials: sum.trials, updated: sum.updated}));
}

export interface Standing extends Interval {
  name: string;
  wins: number;
  trials: number;
  price: number;  // mean of input and output, USD per million tokens
}

// `skill` null: over all skills together. Only what is measured.
export function standings(profiles: Profile[], experts: Expert[], skill: string | null): Standing[] {
  const priced = new Map(experts.map((expert) => [expert.name, (expert.price.input + expert.price.output) / 2]));
  return profiles.map((profile) => {
    const own = profile.measured.filter((one) => !skill || one.skill === skill);
    const wins = own.reduce((sum, one) => sum + one.wins, 0), trials = own.reduce((sum, one) => sum + one.trials, 0);
    return {name: profile.expert, wins, trials, price: priced.get(profile.expert) ?? 0, ...wilson(wins, trials)};
  }).filter((one) => one.trials > 0).sort((a, b) => b.mean - a.mean);
}
