// Tables as CSV, and their order. Pure.

export type Cell = string | number | boolean | null | undefined;
export type Row = Record<string, Cell>;

// RFC 4180. What a spreadsheet would take for a formula gets a quote in front.
export function csv(rows: Row[]): string {
  const first = rows[0];
  if (!first) return "";
  const keys = Object.keys(first);
  return [keys, ...rows.map((row) => keys.map((key) => row[key]))]
    .map((cells) => cells.map(csvCell).join(",")).join("\r\n") + "\r\n";
}

function csvCell(value: Cell): string {
  let text = value == null ? "" : String(value);
  if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = "'" + text;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export interface Order {
  key: string;
  down: boolean;
}

// Numbers by size, texts as people sort them, what is missing last either way.
export function ordered<T>(rows: T[], value: (row: T) => Cell, down: boolean): T[] {
  return [...rows].sort((a, b) => {
    const left = value(a), right = value(b);
    if (left == null || right == null) return Number(left == null) - Number(right == null);
    const by = typeof left === "number" && typeof right === "number" ? left - right
      : String(left).localeCompare(String(right), "en", {numeric: true});
    return down ? -by : by;
  });
}

export function parseOrder(text: string | undefined, fallback: Order): Order {
  if (!text) return fallback;
  return text.startsWith("-") ? {key: text.slice(1), down: true} : {key: text, down: false};
}

export const orderText = (order: Order) => (order.down ? "-" : "") + order.key;
