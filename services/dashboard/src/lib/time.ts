// Times and the one time filter of all pages. Pure.
import {span} from "./format";

export interface Range {
  key: string;  // as the URL has it
  label: string;
  since: Date;
  until: Date | null;  // null: until the present
}

export const PRESETS = [
  {key: "1h", label: "Last hour", hours: 1},
  {key: "6h", label: "Last 6 hours", hours: 6},
  {key: "24h", label: "Last 24 hours", hours: 24},
  {key: "7d", label: "Last 7 days", hours: 7 * 24},
  {key: "30d", label: "Last 30 days", hours: 30 * 24},
  {key: "400d", label: "All that is kept", hours: 400 * 24},
] as const;

export const DEFAULT_RANGE = "24h";

// `text`: a preset's key, or two times with two dots between them. What is neither is the default.
export function parseRange(text: string | undefined, now: Date): Range {
  const preset = PRESETS.find((one) => one.key === text);
  if (!preset && text?.includes("..")) {
    const [from, to] = text.split("..").map((part) => new Date(part));
    if (from && to && !isNaN(+from) && !isNaN(+to) && from < to) {
      return {key: text, label: `${shortTime(from)} to ${shortTime(to)}`, since: from, until: to};
    }
  }
  const chosen = preset ?? PRESETS.find((one) => one.key === DEFAULT_RANGE)!;
  return {
    key: chosen.key, label: chosen.label, until: null,
    since: new Date(now.getTime() - chosen.hours * 3_600_000),
  };
}

// As the API takes it in a body.
export function rangeFields({since, until}: Range): {since: string; until?: string} {
  return {since: since.toISOString(), ...(until ? {until: until.toISOString()} : {})};
}

export function rangeHours(range: Range, now: Date): number {
  return ((range.until ?? now).getTime() - range.since.getTime()) / 3_600_000;
}

const pad = (value: number) => String(value).padStart(2, "0");

export function shortTime(time: Date): string {
  return `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())} ` +
    `${pad(time.getHours())}:${pad(time.getMinutes())}`;
}

// In the reader's time zone, to the millisecond, with its offset from UTC.
export function exactTime(time: Date): string {
  const offset = -time.getTimezoneOffset();
  const zone = offset === 0 ? "UTC"
    : `UTC${offset > 0 ? "+" : "-"}${pad(Math.floor(Math.abs(offset) / 60))}:${pad(Math.abs(offset) % 60)}`;
  return `${shortTime(time)}:${pad(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, "0")} ${zone}`;
}

export function relativeTime(time: Date, now: Date): string {
  const ms = now.getTime() - time.getTime();
  if (Math.abs(ms) < 2000) return "now";
  const coarse = coarseSpan(Math.abs(ms));
  return ms > 0 ? `${coarse} ago` : `in ${coarse}`;
}

function coarseSpan(ms: number): string {
  if (ms < 3_600_000) return ms < 60_000 ? span(ms) : `${Math.floor(ms / 60_000)} min`;
  if (ms < 48 * 3_600_000) return `${Math.floor(ms / 3_600_000)} h`;
  return `${Math.floor(ms / 86_400_000)} d`;
}
