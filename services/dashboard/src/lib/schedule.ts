// What devices have loaded when, as lanes of a picture. Pure.
import {milliseconds, plural, span} from "./format";
import type {ResidencySpell} from "./types";

export interface Window {
  from: number;  // milliseconds since 1970
  to: number;
}

export interface SpellBar {
  spell: ResidencySpell;
  from: number;
  to: number;
}

export interface DeviceLanes {
  device: string;
  lanes: SpellBar[][];  // one for each model that is loaded at the same time
}

const SHOWN = 60;  // spells that the picture begins with where nothing else says where to begin
const LEAST_MS = 10_000;
const ROUNDING_MS = 5;  // by which times of one moment may differ

export const nameOf = (spell: ResidencySpell) => spell.expert ?? spell.model;

// From the newest spells, or all since `since`, to the present or the expected end of a batch.
export function windowOf(spells: ResidencySpell[], since: number, now: number, end: number | null): Window {
  const begun = spells.map((spell) => Date.parse(spell.begun)).sort((a, b) => b - a).slice(0, SHOWN);
  const first = begun.length ? begun[begun.length - 1]! : now;
  const from = Math.min(Math.max(first, since), now - LEAST_MS);
  const to = Math.max(now, end ?? now);
  return {from, to: to + (to - from) * 0.03};
}

// Bars that overlap stand in lanes of their own; what a model does one after the other stays in one lane.
export function lanesOf(spells: ResidencySpell[], window: Window, now: number): DeviceLanes[] {
  const devices = new Map<string, SpellBar[][]>();
  const sorted = [...spells].reverse().sort((a, b) => Date.parse(a.begun) - Date.parse(b.begun));
  for (const spell of sorted) {
    const from = Date.parse(spell.begun), to = spell.ended ? Date.parse(spell.ended) : now;
    if (to < window.from || from > window.to) continue;
    const lanes = devices.get(spell.device) ?? [];
    const free = (lane: SpellBar[]) => (lane.at(-1)?.to ?? 0) <= from + ROUNDING_MS;
    const own = lanes.find((lane) => free(lane) && lane.at(-1)!.to > from - ROUNDING_MS && nameOf(lane.at(-1)!.spell) === nameOf(spell));
    const lane = own ?? lanes.find(free);
    const bar = {spell, from, to};
    if (lane) lane.push(bar);
    else lanes.push([bar]);
    devices.set(spell.device, lanes);
  }
  return [...devices].map(([device, lanes]) => ({device, lanes})).sort((a, b) => a.device.localeCompare(b.device));
}

const CAUSES: Record<string, string> = {
  room: "there was room", idle: "what left was not in use", wait_limit: "a call had waited as long as the backend allows",
  pays: "its calls had waited longer than a swap costs", prefetch: "it was likely to be asked for next",
};

// Why a model was loaded, as the server says it; null of what was no load.
export function whyLoaded(spell: ResidencySpell): string | null {
  const {load} = spell;
  if (!load) return null;
  const place = load.evicted.length ? ` in place of ${load.evicted.join(", ")}` : "";
  const waiting = load.waiting ? `; ${plural(load.waiting, "call")} waited, the oldest for ${milliseconds(load.oldest_wait_ms)}` : "";
  return `loaded${place}: ${CAUSES[load.cause] ?? load.cause}${waiting}`;
}

export const lasted = (spell: ResidencySpell, now: number) => (spell.ended ? Date.parse(spell.ended) : now) - Date.parse(spell.begun);

export function lastedText(spell: ResidencySpell, now: number): string {
  const ms = lasted(spell, now);
  return `${ms < 10_000 ? milliseconds(ms) : span(ms)}${spell.ended ? "" : " so far"}`;
}

export function spellText(spell: ResidencySpell, now: number): string {
  const state = spell.state === "failed" ? "left alone after a failure" : spell.state;
  const why = whyLoaded(spell);
  return `${nameOf(spell)} ${state} on ${spell.device} for ${lastedText(spell, now)}${why ? `; ${why}` : ""}`;
}

// How often each expert's model was loaded since then.
export function loadsSince(spells: ResidencySpell[], since: number): Map<string, number> {
  const loads = new Map<string, number>();
  for (const spell of spells) {
    if (spell.state !== "loading" || Date.parse(spell.begun) < since) continue;
    loads.set(nameOf(spell), (loads.get(nameOf(spell)) ?? 0) + 1);
  }
  return loads;
}
