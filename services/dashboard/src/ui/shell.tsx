// What is around every page: navigation, time filter, theme, connection, keyboard.
import {signal} from "@preact/signals";
import type {ComponentChildren} from "preact";
import {useEffect} from "preact/hooks";
import {logOut, online, session} from "../lib/api";
import {liveState, regained} from "../lib/live";
import {usePage} from "../lib/page";
import {address} from "../lib/query";
import {DEFAULT_RANGE, PRESETS} from "../lib/time";
import {Select} from "./basics";
import {Jump} from "./jump";
import {RangeDialog} from "./range";
import {theme, THEMES} from "./theme";

export const PAGES: [path: string, title: string, what: string][] = [
  ["/", "Overview", "traffic, backends, what is wrong"],
  ["/experts", "Experts", "models and tools, what they can do"],
  ["/skills", "Skills", "who is good at what, the vocabulary"],
  ["/playground", "Playground", "ask and see why"],
  ["/requests", "Requests", "what was asked, and the decisions"],
  ["/batches", "Batches", "files of requests"],
  ["/evaluation", "Evaluation", "quality against cost, tables of results"],
  ["/policies", "Policies", "how experts are chosen"],
  ["/keys", "Keys", "who may call, limits and spending"],
  ["/settings", "Settings", "configuration and audit log"],
];

const jumping = signal(false);
const choosingRange = signal(false);

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function onKey(event: KeyboardEvent): void {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    jumping.value = true;
  } else if (event.key === "/" && !typing(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    const field = document.querySelector<HTMLElement>("main [data-search]");
    if (field) field.focus();
    else jumping.value = true;
  }
}

function Navigation() {
  const {path, href} = usePage();
  return (
    <nav aria-label="Pages">
      {PAGES.map(([to, title]) => {
        const here = to === "/" ? path === "/ui" || path === "/ui/" : path.startsWith("/ui" + to);
        return <a key={to} href={href(to)} aria-current={here ? "page" : undefined}>{title}</a>;
      })}
    </nav>
  );
}

const LIVE_WORDS = {
  live: ["live", "The page follows what happens as it happens"],
  connecting: ["connecting", "Connecting to the live events"],
  off: ["connecting", "Connecting to the live events"],
  absent: ["polling", "This server sends no live events; pages load again every few seconds"],
} as const;

function Connection() {
  if (!online.value) return <span class="live lost" title="The server does not answer">offline</span>;
  const [text, title] = LIVE_WORDS[liveState.value];
  return <span class={`live is-${liveState.value}`} title={title}>{text}</span>;
}

function TimeFilter() {
  const {query, range, set} = usePage();
  const custom = PRESETS.some((preset) => preset.key === range.key) ? [] : [[range.key, range.label] as [string, string]];
  return (
    <Select label="Time range" class="time-filter" value={range.key}
      options={[...PRESETS.map((preset) => [preset.key, preset.label] as [string, string]), ...custom, ["...", "From … to …"]]}
      onChange={(key) => {
        if (key === "...") choosingRange.value = true;
        else set({t: key === DEFAULT_RANGE ? undefined : key});
      }}
      key={query["t"] ?? ""} />
  );
}

function Top() {
  return (
    <header class="top">
      <details class="menu">
        <summary aria-label="Menu">☰</summary>
        <Navigation />
      </details>
      <a class="brand" href="/ui/">moerge</a>
      <button class="jump-button" onClick={() => (jumping.value = true)}>
        <span>Search or jump to …</span><kbd>Ctrl K</kbd>
      </button>
      <div class="top-right">
        <TimeFilter />
        <Connection />
        <Select label="Colours" value={theme.value} options={THEMES} onChange={(value) => (theme.value = value as typeof theme.value)} />
        {session.value?.key && <button title={`Logged in with the key ${session.value.key} (${session.value.role})`} onClick={() => void logOut()}>Log out</button>}
      </div>
    </header>
  );
}

export function Shell({children}: {children: ComponentChildren}) {
  const {path, set} = usePage();
  useEffect(() => {
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  useEffect(() => {
    document.querySelector("details.menu")?.removeAttribute("open");
  }, [path]);
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById("main")?.focus(); }}>Skip to the content</a>
      <Top />
      <div class="side"><Navigation /></div>
      <main id="main" tabIndex={-1}>
        {!online.value && <div class="connection bad" role="alert">The connection to moerge is lost. What you see is what was last known; this page connects again by itself.</div>}
        {online.value && regained.value && <div class="connection good" role="status">The connection is back; everything was loaded again.</div>}
        {children}
      </main>
      {jumping.value && <Jump onClose={() => (jumping.value = false)} />}
      {choosingRange.value && <RangeDialog onClose={() => (choosingRange.value = false)} onRange={(key) => set({t: key})} />}
    </div>
  );
}

export function NotFound() {
  return <div class="empty"><p class="empty-title">There is no such page.</p><a href={address("/ui/")}>To the overview</a></div>;
}
