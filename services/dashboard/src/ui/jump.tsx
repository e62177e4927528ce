// Search over pages, experts, skills and policies; Enter goes there.
import {useEffect, useMemo, useRef, useState} from "preact/hooks";
import {get} from "../lib/api";
import {usePage} from "../lib/page";
import type {List} from "../lib/types";
import {Dialog} from "./dialog";
import {PAGES} from "./shell";

interface Target {
  title: string;
  kind: string;
  path: string;
  query?: Record<string, string>;
}

const MOST = 12;
const KINDS: [path: string, kind: string, target: (name: string) => Pick<Target, "path" | "query">][] = [
  ["experts", "expert", (name) => ({path: "/experts", query: {open: name}})],
  ["skills", "skill", (name) => ({path: "/skills", query: {find: name}})],
  ["policies", "policy", (name) => ({path: "/policies", query: {open: name}})],
];

// The server searches: there may be more names than a page should load.
function useTargets(text: string): Target[] {
  const [named, setNamed] = useState<Target[]>([]);
  useEffect(() => {
    const cancel = new AbortController();
    const lists = KINDS.map(([path, kind, target]) => get<List<{name: string}>>(`/api/v1/${path}?limit=100&find=${encodeURIComponent(text.trim())}`, cancel.signal).then(
      (list) => list.data.map(({name}): Target => ({title: name, kind, ...target(name)})), (): Target[] => []));  // without them the pages remain
    void Promise.all(lists).then((found) => {
      if (!cancel.signal.aborted) setNamed(found.flat());
    });
    return () => cancel.abort();
  }, [text]);
  return useMemo(() => [...PAGES.map(([path, title]) => ({title, kind: "page", path})), ...named], [named]);
}

function found(targets: Target[], text: string): Target[] {
  const wanted = text.trim().toLowerCase();
  if (/^[0-9a-f]{32}$/.test(wanted)) return [{title: wanted, kind: "decision", path: `/requests/${wanted}`}];
  const place = (target: Target) => target.title.toLowerCase().indexOf(wanted);
  return targets.filter((target) => place(target) >= 0).sort((a, b) => place(a) - place(b)).slice(0, MOST);
}

export function Jump({onClose}: {onClose: () => void}) {
  const {go} = usePage();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const list = found(useTargets(text), text);
  const chosen = Math.min(at, list.length - 1);
  useEffect(() => input.current?.focus(), []);
  const open = (target: Target | undefined) => {
    if (!target) return;
    onClose();
    go(target.path, target.query);
  };
  return (
    <Dialog title="Jump to" onClose={onClose}>
      <input ref={input} role="combobox" aria-expanded="true" aria-controls="jump-list" aria-label="Name of a page, expert, skill or policy, or the id of a decision"
        aria-activedescendant={list.length ? `jump-${chosen}` : undefined} value={text} placeholder="Page, expert, skill, policy, or the id of a decision"
        onInput={(event) => { setText(event.currentTarget.value); setAt(0); }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setAt(Math.min(chosen + 1, list.length - 1));
          else if (event.key === "ArrowUp") setAt(Math.max(chosen - 1, 0));
          else if (event.key === "Enter") open(list[chosen]);
          else return;
          event.preventDefault();
        }} />
      <ul id="jump-list" role="listbox" aria-label="Found" class="jump-list">
        {list.map((target, index) => (
          <li key={target.kind + target.title} id={`jump-${index}`} role="option" aria-selected={index === chosen} dir="auto"
            onMouseDown={(event) => { event.preventDefault(); open(target); }} onMouseMove={() => setAt(index)}>
            <span>{target.title}</span><span class="quiet">{target.kind}</span>
          </li>
        ))}
      </ul>
      {!list.length && <p class="quiet">Nothing has this name.</p>}
    </Dialog>
  );
}
