// What was asked: filtered by the server, paged by cursor, followed live.
import {useState} from "preact/hooks";
import {count, milliseconds, plural, short, usd} from "../lib/format";
import {FILTERS, useDecisions, type Filters} from "../lib/decisions";
import {liveState} from "../lib/live";
import {useLoad} from "../lib/load";
import {usePage} from "../lib/page";
import type {DecisionRow, List} from "../lib/types";
import {DIRECT, policyWhy, wordOf, wordsOf} from "../lib/words";
import {Empty, ErrorNotice, PageHead, Select, Time, Word} from "../ui/basics";
import {Exports} from "../ui/table";
import {VirtualList} from "../ui/virtual";
import {Judgements} from "./judgements";

const OUTCOMES: [string, string][] = [["", "any"], ...wordsOf("request").map((value): [string, string] => [value, wordOf("request", value).text])];

// Names that what is typed may become; nothing is loaded before something is typed. `more`: what else there is, and why.
function Names({path, id, typed, more = []}: {path: string; id: string; typed: string | undefined; more?: [name: string, why: string][]}) {
  const list = useLoad<List<{name: string}>>(typed ? `/api/v1/${path}?limit=20&find=${encodeURIComponent(typed)}` : null);
  return <datalist id={id}>{(list.data?.data ?? []).map(({name}) => <option key={name} value={name} />)}
    {more.map(([name, why]) => <option key={name} value={name} label={`${name}: ${why}`} />)}</datalist>;
}

function FilterBar({filters, set}: {filters: Filters; set: (patch: Filters) => void}) {
  const [typed, setTyped] = useState<Partial<Record<string, string>>>({});  // and not entered yet
  const text = (key: "policy" | "expert" | "skill" | "client" | "status", label: string, list?: string) => (
    <label>{label}<input type="search" list={list} value={typed[key] ?? filters[key] ?? ""} placeholder="any" {...(key === "expert" ? {"data-search": true} : {})}
      {...(key === "status" ? {inputMode: "numeric" as const, pattern: "[1-5][0-9][0-9]"} : {})}
      onInput={(event) => setTyped({...typed, [key]: event.currentTarget.value})}
      onChange={(event) => {
        set({[key]: event.currentTarget.value.trim()});
        setTyped({...typed, [key]: undefined});
      }} /></label>
  );
  return (
    <>
      {text("expert", "Expert", "names-experts")}
      {text("skill", "Skill", "names-skills")}
      {text("policy", "Policy", "names-policies")}
      <label>Outcome<Select value={filters.outcome ?? ""} options={OUTCOMES} onChange={(outcome) => set({outcome})} /></label>
      {text("status", "HTTP status")}
      {text("client", "Key")}
      <Names path="experts" id="names-experts" typed={typed.expert?.trim()} />
      <Names path="skills" id="names-skills" typed={typed.skill?.trim()} />
      <Names path="policies" id="names-policies" typed={typed.policy?.trim()} more={[[DIRECT, policyWhy(DIRECT)!]]} />
    </>
  );
}

const HEADS: [string, string][] = [["when", ""], ["outcome", ""], ["expert", ""], ["skill", "wide-only"], ["policy", "wide-only"], ["latency", "number"], ["tokens", "number wide-only"], ["cost", "number wide-only"], ["key", "wide-only"]];

function RowView({row, href, style}: {row: DecisionRow; href: string; style: {transform: string}}) {
  return (
    <div class="list-row list-item" role="row" style={style}>
      <span role="cell"><a href={href}><Time at={row.time} /></a></span>
      <span role="cell"><Word of="request" value={row.outcome} /></span>
      <span role="cell" dir="auto">{row.expert || <span class="quiet">none</span>}</span>
      <span role="cell" class="wide-only" dir="auto">{row.skill}</span>
      <span role="cell" class="wide-only" dir="auto" title={policyWhy(row.policy) ?? undefined}>{row.policy}</span>
      <span role="cell" class="number">{milliseconds(row.latency_ms)}</span>
      <span role="cell" class="number wide-only">{short(row.prompt_tokens + row.completion_tokens)}</span>
      <span role="cell" class="number wide-only">{usd(row.cost_usd)}</span>
      <span role="cell" class="wide-only" dir="auto">{row.client}</span>
    </div>
  );
}

export default function Requests() {
  const page = usePage();
  const filters: Filters = Object.fromEntries(FILTERS.map((key) => [key, page.query[key]]).filter(([, value]) => value));
  const tail = page.query["tail"] !== "off" && !page.range.until;
  const [paused, setPaused] = useState(false);
  const list = useDecisions(filters, page.rangeQuery, tail, paused);
  const filtered = Object.keys(filters).length > 0;
  const exported = () => list.rows.map((row) => ({...row}));
  return (
    <>
      <PageHead title="Requests">
        <button aria-pressed={tail} disabled={Boolean(page.range.until)} title={page.range.until ? "The time range ends in the past" : undefined}
          onClick={() => page.set({tail: tail ? "off" : undefined})}>{tail ? "Following" : "Follow"}</button>
        <Exports name="moerge-requests" rows={exported} />
      </PageHead>
      <div class="filters">
        <FilterBar filters={filters} set={(patch) => page.set(patch)} />
        {filtered && <button onClick={() => page.set(Object.fromEntries(FILTERS.map((key) => [key, undefined])))}>Clear</button>}
      </div>
      <ErrorNotice error={list.error} retry={() => page.set({})} />
      {!list.rows.length && !list.loading && !list.error ? (
        filtered
          ? <Empty title="No request matches."><p>Widen the time range above, or clear the filters.</p></Empty>
          : <Empty title="No request in this time."><p>Ask something in the <a href={page.href("/playground")}>playground</a>, or point an OpenAI client at <code>{location.origin}/v1</code> with the model <code>auto</code>.</p></Empty>
      ) : (
        <>
          <VirtualList label="Requests, newest first" count={list.rows.length} onEnd={list.loadMore} onTop={(top) => setPaused(!top)}
            head={HEADS.map(([name, kind]) => <span key={name} role="columnheader" class={kind}>{name}</span>)}
            row={(index, style) => {
              const row = list.rows[index];
              return row && <RowView key={row.id} row={row} style={style} href={page.href(`/requests/${row.id}`)} />;
            }} />
          <div class="list-foot">
            <span>{plural(list.rows.length, "request")} loaded{list.more ? "; older ones follow as you scroll" : ", all of this time"}</span>
            <span role="status">{list.waiting.length ? <button class="small" onClick={list.showWaiting}>{count(list.waiting.length)} new: show</button> : tailWords(tail, paused)}</span>
          </div>
        </>
      )}
      <Judgements />
    </>
  );
}

function tailWords(tail: boolean, paused: boolean): string {
  if (!tail) return "not followed";
  if (paused) return "paused while you scroll";
  return liveState.value === "live" ? "followed live" : "looked up every 3 s";
}
