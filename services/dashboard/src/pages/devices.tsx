// What devices with room for few models have loaded when, and why.
import {useState} from "preact/hooks";
import {Gantt} from "../charts/gantt";
import {count, plural, span} from "../lib/format";
import {useLoad} from "../lib/load";
import {usePage} from "../lib/page";
import {lasted, lastedText, nameOf, spellText, whyLoaded, windowOf} from "../lib/schedule";
import type {Batch, List, ResidencySpell, ResidencyState} from "../lib/types";
import {ErrorNotice, Section, Time, Word} from "../ui/basics";
import {exportRows, Exports, Table, type Column} from "../ui/table";
import {isRunning, timeLeft} from "../lib/batch";

const MOST = 60;

function columnsAt(now: number): Column<ResidencySpell>[] {
  return [
    {key: "begun", title: "When", value: (row) => row.begun, show: (row) => <Time at={row.begun} />},
    {key: "device", title: "Device", value: (row) => row.device},
    {key: "expert", title: "Expert", value: nameOf, show: (row) => <span dir="auto">{nameOf(row)}</span>},
    {key: "state", title: "State", value: (row) => row.state, show: (row) => <Word of="model" value={row.state} />},
    {key: "lasted", title: "For", number: true, value: (row) => lasted(row, now), show: (row) => lastedText(row, now)},
    {key: "why", title: "Why", wide: true, value: (row) => whyLoaded(row) ?? ""},
  ];
}

// The picture, and the same as a table.
export function Schedule({spells, since, now, end, live}: {spells: ResidencySpell[]; since: number; now: number; end: number | null; live: boolean}) {
  const [chosen, setChosen] = useState<ResidencySpell | null>(null);
  const columns = columnsAt(now);
  return (
    <>
      <Gantt spells={spells} window={windowOf(spells, since, now, end)} now={now} end={end} live={live} onChoose={setChosen} />
      {chosen && <p role="status">{spellText(chosen, now)}</p>}
      <details>
        <summary>As a table</summary>
        <div class="row spread"><span class="quiet">{plural(spells.length, "entry", "entries")}{spells.length > MOST ? `, the newest ${MOST} shown` : ""}</span><Exports name="moerge-devices" rows={() => exportRows(columns, spells)} /></div>
        <Table label="What was loaded when" columns={columns} rows={spells.slice(0, MOST)} keyOf={(row) => row.device + row.model + row.begun} />
      </details>
    </>
  );
}

export function DevicesPanel({batches}: {batches: Batch[]}) {
  const page = usePage();
  const states = useLoad<List<ResidencyState>>("/api/v1/residency", 3000);
  const history = useLoad<List<ResidencySpell>>(states.data?.data.length ? "/api/v1/residency/history" : null, 3000);
  if (!states.data?.data.length) return <ErrorNotice error={states.error} />;
  const now = Date.now();
  const ends = batches.filter(isRunning).map((batch) => timeLeft(batch, now)).filter((left): left is number => left != null);
  const since = +page.range.since;
  const spells = (history.data?.data ?? []).filter((spell) => !spell.ended || Date.parse(spell.ended) >= since);
  return (
    <Section title="Devices" aside="Models loaded by turns: what is loaded where, and when">
      <ErrorNotice error={history.error} />
      <div class="strip">{states.data.data.map((state) => <DeviceItem key={`${state.backend} ${state.device}`} state={state} />)}</div>
      {spells.length > 0
        ? <Schedule spells={spells} since={since} now={now} end={ends.length ? now + Math.max(...ends) : null} live />
        : history.data && <p class="quiet">No model was loaded in this time. The first call for one loads it.</p>}
    </Section>
  );
}

function DeviceItem({state}: {state: ResidencyState}) {
  const swap = state.last_load;
  const asleep = state.models.filter((model) => model.tier === "host" && model.state === "out" && model.waiting === 0);
  const busy = state.models.filter((model) => model.state !== "out" || model.waiting > 0);
  return (
    <div class="strip-item">
      <div class="row spread"><strong dir="auto">{state.device === state.backend ? state.backend : `${state.backend} on ${state.device}`}</strong><span class="quiet">room for {plural(state.slots, "model")}{state.memory_gb ? `, ${state.memory_gb} GB` : ""}</span></div>
      {busy.map((model) => (
        <div key={model.expert}><Word of={model.state === "out" ? "tier" : "model"} value={model.state === "out" ? model.tier : model.state} /> <span dir="auto">{model.expert}</span> <span class="quiet">{plural(model.running, "call")} running{model.waiting ? `, ${count(model.waiting)} waiting` : ""}</span></div>
      ))}
      {!busy.length && <div class="quiet">no model loaded</div>}
      {asleep.length > 0 && <div class="quiet">in the host's memory{state.host_memory_gb ? ` (${state.host_used_gb} of ${state.host_memory_gb} GB)` : ""}: <span dir="auto">{asleep.map((model) => model.expert).join(", ")}</span></div>}
      <div class="quiet">{plural(state.swaps, "swap")}{swap ? <>; last load: {swap.model}{swap.evicted.length ? ` in place of ${swap.evicted.join(", ")}` : ""}, {span(swap.ago_ms)} ago</> : ""}</div>
    </div>
  );
}
