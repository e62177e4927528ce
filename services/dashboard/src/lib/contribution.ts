// What each expert adds to the whole: how much it is used, and how much worse routing would be without it. Pure.
import {shares} from "./series";
import type {Expert, Profile, UsageRow} from "./types";

const FEW_TRIALS = 10;      // measurements below which a mean says little
const ENOUGH_REQUESTS = 100;  // below, no use says little
const NOTICED = 0.005;      // share of requests that would be answered worse

export interface Contribution {
  expert: string;
  requests: number;
  share: number;           // of all requests
  success: number | null;  // share of its requests that did not fail
  marginal: number | null; // expected share of right answers that would be lost without it; null: nothing is measured
  dead: boolean;           // enabled, and never asked although much was asked
  coveredBy: string | null;  // one that is measured as good in all it is measured in, at no higher price
  valuable: boolean;
}

export interface Contributions {
  list: Contribution[];
  entropy: number | null;  // of the shares of requests, bits
  most: number;            // what it would be if all were asked alike
}

export function entropyOf(counts: number[]): number | null {
  const all = counts.reduce((sum, one) => sum + one, 0);
  if (!all) return null;
  return counts.filter((one) => one > 0).reduce((sum, one) => sum - (one / all) * Math.log2(one / all), 0);
}

interface Best {
  expert: string;
  mean: number;
  next: number;  // the best mean of the others
}

// Of the experts that are measured enough in a skill. One alone loses all that it knows: the others count as 0.
function bestBySkill(measured: Map<string, Map<string, number>>): Map<string, Best> {
  const best = new Map<string, Best>();
  for (const [expert, skills] of measured) {
    for (const [skill, mean] of skills) {
      const old = best.get(skill);
      if (!old) best.set(skill, {expert, mean, next: 0});
      else if (mean > old.mean) best.set(skill, {expert, mean, next: old.mean});
      else if (mean > old.next) old.next = mean;
    }
  }
  return best;
}

// Shares of what is asked, of the skills that anything is measured in; alike where nothing was asked.
function demandOf(bySkill: UsageRow[], skills: string[]): Map<string, number> {
  const asked = new Map(shares(bySkill, "skill").map((one) => [one.name, one.requests]));
  const counts = skills.map((skill) => asked.get(skill) ?? 0);
  const all = counts.reduce((sum, one) => sum + one, 0);
  return new Map(skills.map((skill, index) => [skill, all ? counts[index]! / all : 1 / skills.length]));
}

const priceOf = (expert: Expert) => expert.price.input + expert.price.output;

export function contributions(experts: Expert[], profiles: Profile[], byExpert: UsageRow[], bySkill: UsageRow[]): Contributions {
  const enabled = experts.filter((expert) => expert.enabled);
  const known = new Set(enabled.map((expert) => expert.name));
  const measured = new Map(profiles.filter((profile) => known.has(profile.expert)).map((profile) => [
    profile.expert, new Map(profile.measured.filter((one) => one.trials >= FEW_TRIALS).map((one) => [one.skill, one.mean])),
  ]));
  const best = bestBySkill(measured);
  const demand = demandOf(bySkill, [...best.keys()]);
  const lost = new Map<string, number>();
  for (const [skill, one] of best) lost.set(one.expert, (lost.get(one.expert) ?? 0) + (demand.get(skill) ?? 0) * (one.mean - one.next));
  const used = new Map(shares(byExpert, "expert").map((one) => [one.name, one]));
  const all = [...used.values()].reduce((sum, one) => sum + (one.name ? one.requests : 0), 0);
  const list = enabled.map((expert): Contribution => {
    const use = used.get(expert.name), skills = measured.get(expert.name);
    const marginal = skills?.size ? lost.get(expert.name) ?? 0 : null;
    return {
      expert: expert.name, requests: use?.requests ?? 0, share: all ? (use?.requests ?? 0) / all : 0,
      success: use?.requests ? 1 - use.errors / use.requests : null, marginal,
      dead: all >= ENOUGH_REQUESTS && !use?.requests, valuable: (marginal ?? 0) >= NOTICED,
      coveredBy: skills?.size && (marginal ?? 0) < NOTICED ? coverOf(expert, enabled, measured) : null,
    };
  });
  return {list, entropy: entropyOf(list.map((one) => one.requests)), most: list.length ? Math.log2(list.length) : 0};
}

// Of two that are alike in all, one is covered by the other and not the other way round.
function coverOf(own: Expert, experts: Expert[], measured: Map<string, Map<string, number>>): string | null {
  const skills = measured.get(own.name)!;
  for (const other of experts) {
    const theirs = measured.get(other.name);
    if (other === own || !theirs || theirs.size < skills.size || priceOf(other) > priceOf(own)) continue;
    let better = priceOf(other) < priceOf(own) || theirs.size > skills.size, covers = true;
    for (const [skill, mean] of skills) {
      const value = theirs.get(skill);
      if (value == null || value < mean) {
        covers = false;
        break;
      }
      better ||= value > mean;
    }
    if (covers && (better || other.name < own.name)) return other.name;
  }
  return null;
}
