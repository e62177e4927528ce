// The state of a page in its address. Pure.

export type Query = Record<string, string | undefined>;

// Without what is empty; in a stable order, so that the same state has one address.
export function queryText(query: Query): string {
  const parts: string[] = [];
  for (const key of Object.keys(query).sort()) {
    const value = query[key];
    if (value) parts.push(`${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
  }
  return parts.length ? "?" + parts.join("&") : "";
}

export function address(path: string, query: Query = {}): string {
  return path + queryText(query);
}

// `patch` over `query`; undefined or "" takes a key out.
export function patched(query: Query, patch: Query): Query {
  return {...query, ...patch};
}

// Names may hold slashes; the API takes them as they are, all else escaped.
export function namePath(name: string): string {
  return name.split("/").map(encodeURIComponent).join("/");
}

// What a share link holds, behind the #: it is not sent to any server and stands in no log.
export interface Shared {
  policies: string[];
  user: string;
  system: string;
}

export function shareText(shared: Shared): string {
  return "#" + new URLSearchParams([
    ...shared.policies.map((name) => ["p", name]), ["q", shared.user],
    ...(shared.system ? [["s", shared.system]] : []),
  ]).toString();
}

export function parseShare(fragment: string): Shared | null {
  const parts = new URLSearchParams(fragment.replace(/^#/, ""));
  if (!parts.has("q") && !parts.has("p")) return null;
  return {policies: parts.getAll("p").slice(0, 3), user: parts.get("q") ?? "", system: parts.get("s") ?? ""};
}
