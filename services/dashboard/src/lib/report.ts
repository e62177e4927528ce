// A report of an evaluation, as `moerge eval --json` and the API write it. Pure.
import type {Interval} from "./stats";

export type Estimate = {[key in keyof Interval]: number | null};

export interface Calibration {
  rows: number;
  calibration_error: number | null;
  brier: number | null;
  bins: {rows: number; predicted: number | null; happened: number | null}[];
}

export interface ReportRow {
  name: string;
  kind: string;
  note?: string;
  accuracy: Estimate;
  versus_best_single: Estimate;
  calls: number | null;
  price: number | null;
  abstained: number | null;
  decision_us: {p50: number | null; p99: number | null};
  expected_score: Calibration;
  category_confidence: Calibration;
  category: {accuracy: number | null};
}

export interface Report {
  train: string;
  test: string | null;
  folds: number;
  questions: number;
  experts: {name: string; accuracy: number | null; price: number | null}[];
  leaderboard: ReportRow[];
  unavailable: {name: string; lacks: string}[];
}

// Throws in words where the text is no report.
export function parseReport(text: string): Report {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("The file is not JSON. A report is what moerge eval --json FILE writes.");
  }
  const report = value as Partial<Report> | null;
  if (typeof report !== "object" || !Array.isArray(report?.leaderboard) || !Array.isArray(report.experts)) {
    throw new Error("The file is no report: it has no leaderboard. A report is what moerge eval --json FILE writes.");
  }
  return {unavailable: [], ...report} as Report;
}

export type Axis = "price" | "calls";

export interface Mark {
  name: string;
  kind: "policy" | "baseline" | "expert";
  cost: number;
  value: number;
  low?: number;
  high?: number;
}

// Points of the picture: policies and baselines; without an axis value there is no place for one.
export function marksOf(report: Report, axis: Axis): Mark[] {
  const marks: Mark[] = [];
  for (const row of report.leaderboard) {
    const cost = row[axis], value = row.accuracy.mean;
    if (cost == null || value == null || row.name === "oracle") continue;
    marks.push({
      name: row.name, kind: row.kind === "baseline" ? "baseline" : "policy", cost, value,
      ...(row.accuracy.low != null && row.accuracy.high != null ? {low: row.accuracy.low, high: row.accuracy.high} : {}),
    });
  }
  return marks;
}

// What nothing can beat, and what needs no routing.
export function referencesOf(report: Report): {name: string; value: number}[] {
  const list: {name: string; value: number}[] = [];
  const oracle = report.leaderboard.find((row) => row.name === "oracle")?.accuracy.mean;
  if (oracle != null) list.push({name: "oracle", value: oracle});
  const best = report.experts.filter((one) => one.accuracy != null).sort((a, b) => b.accuracy! - a.accuracy!)[0];
  if (best) list.push({name: `best single (${best.name})`, value: best.accuracy!});
  return list;
}
