// Which skills a classifier takes for which, as a table of counts. Pure.
import type {Confusion, ConfusionCell} from "./types";

export type Level = "category" | "skill";
export type Rows = "all" | "questions" | "examples";

export interface Matrix {
  names: string[];     // those that rows are about, or that were recognised; the busiest first where some are left out
  counts: number[][];  // by what is true, then by what was recognised
  sums: number[];      // of the rows
  right: number;
  total: number;       // those that are left out among them
  leftOut: number;     // names
}

const countOf = (cell: ConfusionCell, rows: Rows) =>
  (rows === "examples" ? 0 : cell.questions) + (rows === "questions" ? 0 : cell.examples);

// At most `most` names: those with most mistakes.
export function matrixOf(confusion: Confusion, level: Level, rows: Rows, most: number): Matrix {
  const categories = new Map(confusion.skills.map((skill) => [skill.name, skill.category || skill.name]));
  const nameOf = (skill: string) => (level === "skill" ? skill : categories.get(skill) ?? skill);
  const cells = new Map<string, Map<string, number>>();
  const mistakes = new Map<string, number>();
  let right = 0, total = 0;
  for (const cell of confusion.data) {
    const count = countOf(cell, rows), truth = nameOf(cell.skill), said = nameOf(cell.recognised);
    if (!count) continue;
    total += count;
    const row = cells.get(truth) ?? new Map<string, number>();
    cells.set(truth, row.set(said, (row.get(said) ?? 0) + count));
    for (const name of [truth, said]) mistakes.set(name, (mistakes.get(name) ?? 0) + (truth === said ? 0 : count));
    if (truth === said) right += count;
  }
  const all = [...mistakes.keys()];
  const kept = all.length > most ? [...all].sort((a, b) => mistakes.get(b)! - mistakes.get(a)!).slice(0, most) : all;
  const names = kept.sort();
  return {
    names, right, total, leftOut: all.length - names.length,
    counts: names.map((truth) => names.map((said) => cells.get(truth)?.get(said) ?? 0)),
    sums: names.map((truth) => [...(cells.get(truth)?.values() ?? [])].reduce((sum, count) => sum + count, 0)),
  };
}

export interface Mistake {
  truth: string;
  said: string;
  count: number;
  share: number;  // of the rows that are `truth`
}

// What is taken for something else, the most frequent first.
export function mistakesOf(matrix: Matrix): Mistake[] {
  return matrix.names.flatMap((truth, i) => matrix.names.map((said, j) => (
    {truth, said, count: matrix.counts[i]![j]!, share: matrix.counts[i]![j]! / (matrix.sums[i]! || 1)})))
    .filter((one) => one.truth !== one.said && one.count > 0)
    .sort((a, b) => b.count - a.count || b.share - a.share);
}
