// All that is known of one expert: facts, evidence by skill with its sources, roles.
import {useState} from "preact/hooks";
import {RetireDialog} from "../forms/retire";
import {count, milliseconds, percent, plural} from "../lib/format";
import {call, reloadAll} from "../lib/api";
import {useAction, useLoad} from "../lib/load";
import {namePath} from "../lib/query";
import {wilson} from "../lib/stats";
import {parseOrder} from "../lib/tables";
import type {Evidence, Expert, Profile} from "../lib/types";
import {warningsOf} from "../lib/wrong";
import {Badge, ErrorNotice, Loading, Time, Word} from "../ui/basics";
import {Dialog} from "../ui/dialog";
import {exportRows, Exports, Table, type Column} from "../ui/table";
import {avoidedText, IntervalBar, latencyText, priceText, type CardData} from "./expert-card";

const COLUMNS: Column<Evidence>[] = [
  {key: "skill", title: "Skill", value: (row) => row.skill},
  {key: "mean", title: "Solved", number: true, value: (row) => row.mean, show: (row) => percent(row.mean)},
  {key: "interval", title: "90 % interval", sortable: false, wide: true, value: (row) => {
    const {low, high} = wilson(row.wins, row.trials);
    return `${low.toFixed(3)}-${high.toFixed(3)}`;
  }, show: (row) => <IntervalBar {...wilson(row.wins, row.trials)} label={`${row.skill} ${percent(row.mean)}`} />},
  {key: "trials", title: "Trials", number: true, value: (row) => row.trials, show: (row) => count(Math.round(row.trials * 10) / 10)},
  {key: "sources", title: "From", value: (row) => row.sources.map((source) => source.source).join("; "), show: (row) => (
    <>{row.sources.map((source) => <div key={source.source}><span dir="auto">{source.source}</span> <span class="quiet">{count(Math.round(source.trials))}, <Time at={source.updated} /></span></div>)}</>
  )},
];

export function ExpertDetail({name, card, looking, onClose}: {name: string; card: CardData | undefined; looking: boolean; onClose: () => void}) {
  const [order, setOrder] = useState(parseOrder("-mean", {key: "mean", down: true}));
  const [retiring, setRetiring] = useState<string | null>(null);
  const action = useAction();
  const profile = useLoad<Profile>(card ? `/api/v1/profiles/${namePath(name)}` : null);
  if (!card) {
    if (looking) return <Dialog title={name} onClose={onClose}><Loading /></Dialog>;
    return <Dialog title={name} onClose={onClose}><p>There is no expert of this name any more. It was removed, or the address is wrong.</p></Dialog>;
  }
  const {expert} = card;
  const retired = expert.retired_skills ?? [];
  const columns: Column<Evidence>[] = expert.origin !== "store" ? COLUMNS : [...COLUMNS, {key: "act", title: "", sortable: false, value: () => null, show: (row) => (
    retired.includes(row.skill) ? <Badge tone="warn">retired</Badge> : <button class="small" onClick={() => setRetiring(row.skill)}>Retire</button>)}];
  const bringBack = (skill: string) => action.run(async () => {
    await call("PATCH", `/api/v1/experts/${namePath(name)}`, {body: {retired_skills: retired.filter((one) => one !== skill)}});
    reloadAll();
  });
  return (
    <Dialog title={name} onClose={onClose} wide>
      <p class="row"><Word of="origin" value={expert.origin} />{!expert.enabled && <Badge tone="warn">disabled</Badge>}{expert.tags.map((tag) => <Badge key={tag}>{tag}</Badge>)}</p>
      {expert.description && <p dir="auto">{expert.description}</p>}
      <ul class="warnings">{warningsOf(expert, profile.data ?? card.profile, card.best).map((one) => <li key={one.key}>{one.text}</li>)}</ul>
      <Facts expert={expert} card={card} />
      {retired.length > 0 && <p>Retired skills: {retired.map((skill) => <span key={skill}><Badge tone="warn">{skill}</Badge> {expert.origin === "store" && <button class="small" disabled={action.busy} onClick={() => void bringBack(skill)}>Bring {skill} back</button>} </span>)}</p>}
      <ErrorNotice error={action.error} />
      {retiring && <RetireDialog expert={name} skill={retiring} onClose={() => setRetiring(null)} />}
      <ErrorNotice error={profile.error} retry={profile.reload} />
      {profile.loading && !profile.data && <Loading />}
      {profile.data && (
        <>
          <div class="row spread"><h3>Measured</h3><Exports name={`moerge-profile-${name}`} rows={() => exportRows(COLUMNS, profile.data!.measured)} /></div>
          {profile.data.measured.length
            ? <Table label={`What is measured of ${name}`} columns={columns} rows={profile.data.measured} order={order} onOrder={setOrder} keyOf={(row) => row.skill} />
            : <p class="quiet">Nothing yet. Import results on the page Evaluation, or judge answers in the playground.</p>}
          <h3>Declared</h3>
          <p>{Object.entries(profile.data.declared).map(([skill, strength]) => `${skill} ${strength}`).join(", ") || "nothing"} <span class="quiet">({profile.data.declared_by})</span></p>
          {profile.data.roles.length > 0 && <><h3>As author and judge</h3><ul>{profile.data.roles.map((role) => <li key={role.role + role.category}>{role.role} in {role.category}: {percent(role.mean)} of {count(Math.round(role.trials))}</li>)}</ul></>}
        </>
      )}
    </Dialog>
  );
}

function Facts({expert, card}: {expert: Expert; card: CardData}) {
  const first = expert.latency.measured?.first_chunk;
  const facts: [string, string][] = [
    ["Kind", expert.kind === "tool" ? "built-in tool" : `model ${expert.model} at ${expert.backend}`],
    ["Price", priceText(expert)], ["Latency", latencyText(expert)],
    ...(first ? [["First token", `p50 ${milliseconds(first.p50_ms)}, p90 ${milliseconds(first.p90_ms)} of ${plural(first.answers, "answer")}`] as [string, string]] : []),
    ["Context", expert.context ? `${count(expert.context)} tokens` : "unknown"],
    ["Can", [expert.vision ? "read images" : null, expert.function_calling ? "call functions" : null].filter(Boolean).join(", ") || "text only"],
    ...(expert.memory_gb ? [["Memory", `${expert.memory_gb} GB`] as [string, string]] : []),
    ...(expert.active_params ? [["Parameters", `${expert.active_params} billion active`] as [string, string]] : []),
    ...(expert.licence ? [["Licence", expert.licence] as [string, string]] : []),
    ["Backend", avoidedText(expert) ?? (card.backend ? "in use" : "none")],
  ];
  return <dl>{facts.map(([key, value]) => [<dt key={key}>{key}</dt>, <dd key={key + "v"} dir="auto">{value}</dd>])}</dl>;
}
