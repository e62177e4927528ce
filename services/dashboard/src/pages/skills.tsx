// Who is good at what, and the vocabulary of skills itself.
import {useMemo, useState} from "preact/hooks";
import {Heat} from "../charts/heat";
import {Scatter} from "../charts/scatter";
import {call, reloadAll} from "../lib/api";
import {count, percent, plural} from "../lib/format";
import {useLoad} from "../lib/load";
import {usePage} from "../lib/page";
import {namePath} from "../lib/query";
import {shares} from "../lib/series";
import {wilson} from "../lib/stats";
import {parseOrder} from "../lib/tables";
import type {Expert, List, Mapping, Policy, Profile, Skill, UsageRow} from "../lib/types";
import {SkillForm} from "../forms/skill";
import {Empty, ErrorNotice, Loading, PageHead, Section, Select, Time, Word} from "../ui/basics";
import {Confirm, Dialog} from "../ui/dialog";
import {exportRows, Exports, orderText, Table, type Column} from "../ui/table";
import {Proposals} from "./proposals";

const MOST_SKILLS = 50, MOST_EXPERTS = 40;

export default function Skills() {
  const page = usePage();
  const skills = useLoad<List<Skill>>("/api/v1/skills?limit=1000");
  const experts = useLoad<List<Expert>>("/api/v1/experts?limit=1000");
  const profiles = useLoad<List<Profile>>("/api/v1/profiles?limit=1000");
  const usage = useLoad<List<UsageRow>>(`/api/v1/usage?per=day&group=skill&${page.rangeQuery}`);
  const [form, setForm] = useState<Skill | "new" | null>(null);
  const [removing, setRemoving] = useState<Skill | null>(null);
  const find = page.query["find"] ?? "";
  const demand = new Map(shares(usage.data?.data ?? [], "skill").map((share) => [share.name, share.requests]));
  const rows = (skills.data?.data ?? []).filter((skill) => `${skill.name} ${skill.category} ${skill.description}`.toLowerCase().includes(find.toLowerCase()));
  const order = parseOrder(page.query["order"], {key: "demand", down: true});
  const columns: Column<Skill>[] = [
    {key: "name", title: "Skill", value: (skill) => skill.name, show: (skill) => <strong dir="auto">{skill.name}</strong>},
    {key: "category", title: "Category", value: (skill) => skill.category},
    {key: "description", title: "What it is", wide: true, sortable: false, value: (skill) => skill.description, show: (skill) => <span dir="auto">{skill.description}</span>},
    {key: "examples", title: "Examples", number: true, value: (skill) => skill.examples.length},
    {key: "demand", title: "Asked for", number: true, value: (skill) => demand.get(skill.name) ?? 0},
    {key: "origin", title: "From", wide: true, value: (skill) => skill.origin, show: (skill) => <Word of="origin" value={skill.origin} />},
    {key: "act", title: "", sortable: false, value: () => null, show: (skill) => (
      <span class="row">
        <button class="small" onClick={() => setForm(skill)}>{skill.origin === "store" ? "Change" : "Look"}</button>
        {skill.origin === "store" && <button class="small danger" onClick={() => setRemoving(skill)}>Remove</button>}
      </span>
    )},
  ];
  return (
    <>
      <PageHead title="Skills">
        <Exports name="moerge-skills" rows={() => exportRows(columns.filter((column) => column.key !== "act"), rows)} />
        <button class="primary" onClick={() => setForm("new")}>Add a skill</button>
      </PageHead>
      <div class="filters"><label>Find<input type="search" data-search value={find} placeholder="Skill or category ( / )" onInput={(event) => page.set({find: event.currentTarget.value})} /></label></div>
      <ErrorNotice error={skills.error ?? profiles.error} retry={skills.reload} />
      {!skills.data && skills.loading && <Loading />}
      {skills.data && profiles.data && experts.data && <HeatPanel skills={rows} experts={experts.data.data} profiles={profiles.data.data} demand={demand} filtered={Boolean(find)} />}
      <MappingPanel />
      <Section title={`Vocabulary: ${plural(rows.length, "skill")}`} aside="How requests are told apart. Examples make a skill recognisable.">
        {rows.length ? <Table label="Skills" columns={columns} rows={rows} keyOf={(skill) => skill.name} order={order} onOrder={(next) => page.set({order: orderText(next)})} />
          : skills.data && <Empty title="No skill matches."><button onClick={() => page.set({find: undefined})}>Show all</button></Empty>}
      </Section>
      <Proposals />
      {form && <SkillForm {...(form === "new" ? {} : {old: form})} onClose={() => { setForm(null); reloadAll(); }} />}
      {removing && <Confirm title={`Remove the skill ${removing.name}?`} verb="Remove the skill" onClose={() => setRemoving(null)}
        act={async () => { await call("DELETE", `/api/v1/skills/${namePath(removing.name)}`); reloadAll(); }}><p>Requests that need it are then counted to other skills.</p></Confirm>}
    </>
  );
}

// What is measured and declared, to be looked up by expert and skill.
function knowledgeOf(experts: Expert[], profiles: Profile[]) {
  const measured = new Map(profiles.map((profile) => [profile.expert, new Map(profile.measured.map((one) => [one.skill, one]))]));
  const declaredOf = new Map(experts.map((expert) => [expert.name, expert.skills]));
  const known = new Set<string>(experts.flatMap((expert) => [...Object.keys(expert.skills), ...(measured.get(expert.name)?.keys() ?? [])]));
  const trials = new Map(profiles.map((profile) => [profile.expert, profile.trials]));
  return {declaredOf, known, trials, evidence: (skill: string, expert: string) => measured.get(expert)?.get(skill)};
}

function HeatPanel({skills, experts, profiles, demand, filtered}: {
  skills: Skill[]; experts: Expert[]; profiles: Profile[]; demand: Map<string, number>; filtered: boolean;
}) {
  const page = usePage();
  const [cell, setCell] = useState<[skill: string, expert: string] | null>(null);
  const {evidence, declaredOf, known, trials} = useMemo(() => knowledgeOf(experts, profiles), [experts, profiles]);
  const names = [...skills.map((skill) => skill.name), "general"].filter((name, index, all) => all.indexOf(name) === index && (filtered || known.has(name)))
    .sort((a, b) => (demand.get(b) ?? 0) - (demand.get(a) ?? 0) || a.localeCompare(b));
  const enabled = experts.filter((expert) => expert.enabled).map((expert) => expert.name);
  const columns = enabled.length > MOST_EXPERTS ? [...enabled].sort((a, b) => (trials.get(b) ?? 0) - (trials.get(a) ?? 0)) : enabled;
  return (
    <Section title="Who is good at what" aside={names.length > MOST_SKILLS || columns.length > MOST_EXPERTS ? `the ${MOST_SKILLS} skills asked for most and the ${MOST_EXPERTS} experts measured most; find narrows it` : undefined}>
      {!names.length ? <Empty title="Nothing is known yet."><p>Declare strengths of your experts, or import results on the page <a href={page.href("/evaluation")}>Evaluation</a>.</p></Empty> : <>
        <div class="heat-key">
          <span>Share of answers that were right, in percent; the most asked for skill first. Click a cell for its evidence.</span>
          <span><span class="swatch heat-low" />low</span><span><span class="swatch heat-high" />high</span><span><span class="swatch heat-thin" />little evidence</span><span><span class="swatch heat-claim" />only declared</span>
        </div>
        <Heat skills={names.slice(0, MOST_SKILLS)} experts={columns.slice(0, MOST_EXPERTS)} onCell={(skill, expert) => setCell([skill, expert])}
          hrefOf={(expert) => page.href("/experts", {open: expert})}
          cell={(skill, expert) => ({measured: evidence(skill, expert), declared: declaredOf.get(expert)?.[skill]})} />
      </>}
      {cell && <EvidenceDialog skill={cell[0]} expert={cell[1]} evidence={evidence(...cell)} declared={declaredOf.get(cell[1])?.[cell[0]]} onClose={() => setCell(null)} />}
    </Section>
  );
}

function EvidenceDialog({skill, expert, evidence, declared, onClose}: {
  skill: string; expert: string; evidence: Profile["measured"][number] | undefined; declared: number | undefined; onClose: () => void;
}) {
  const page = usePage();
  const interval = evidence && wilson(evidence.wins, evidence.trials);
  return (
    <Dialog title={`${expert} in ${skill}`} onClose={onClose}>
      {evidence && interval && <>
        <p><strong>{percent(evidence.mean)}</strong> right, {count(Math.round(evidence.wins * 10) / 10)} of {count(Math.round(evidence.trials * 10) / 10)} trials; 90 % interval {percent(interval.low)} to {percent(interval.high)}.</p>
        <Table label="Where the evidence is from" rows={evidence.sources} keyOf={(row) => row.source} columns={[
          {key: "source", title: "Source", value: (row) => row.source}, {key: "wins", title: "Right", number: true, value: (row) => row.wins},
          {key: "trials", title: "Trials", number: true, value: (row) => row.trials}, {key: "updated", title: "When", value: (row) => row.updated, show: (row) => <Time at={row.updated} />},
        ]} />
      </>}
      {declared != null && <p>Declared: {percent(declared)}{evidence ? "; measurements outweigh it in time." : "; nothing is measured yet."}</p>}
      <p><a href={page.href("/requests", {expert, skill})}>Its requests with this skill</a></p>
    </Dialog>
  );
}

// The skill -> expert map of a policy with a budget, and what other budgets would buy.
function MappingPanel() {
  const page = usePage();
  const policies = useLoad<List<Policy>>("/api/v1/policies?limit=1000");
  const mapped = (policies.data?.data ?? []).filter((policy) => policy.recruiter === "mapping").map((policy) => policy.name);
  const chosen = page.query["map"] && mapped.includes(page.query["map"]) ? page.query["map"] : mapped[0];
  const mapping = useLoad<Mapping>(chosen ? `/api/v1/policies/${namePath(chosen)}/mapping` : null);
  if (!policies.data) return null;
  if (!chosen) {
    return <Section title="Map under a budget"><p class="quiet">No policy has the recruiter <code>mapping</code>, which gives each skill an expert within a budget. <a href={page.href("/policies")}>Add one</a> to see its map, and what other budgets would buy.</p></Section>;
  }
  const data = mapping.data;
  const columns: Column<Mapping["skills"][number]>[] = [
    {key: "skill", title: "Skill", value: (row) => row.skill}, {key: "frequency", title: "Share of requests", number: true, value: (row) => row.frequency, show: (row) => percent(row.frequency)},
    {key: "expert", title: "Goes to", value: (row) => row.expert}, {key: "expected", title: "Expected", number: true, value: (row) => row.expected, show: (row) => percent(row.expected)},
    {key: "cost", title: "Cost", number: true, value: (row) => row.cost},
  ];
  return (
    <Section title="Map under a budget" aside={<Select label="Policy" value={chosen} options={mapped} onChange={(map) => page.set({map})} />}>
      <ErrorNotice error={mapping.error} />
      {data && <div class="grid2">
        <div>
          <p>Budget {data.budget} {data.unit}; used {data.cost.toPrecision(3)}; expected to be right in <strong>{percent(data.expected)}</strong> of requests{data.exact ? "" : " (approximate)"}.</p>
          <Scatter label="Quality against budget" unit={data.unit} points={[{name: "in force", cost: data.cost, value: data.expected}]} line={data.curve.map((point) => ({cost: point.cost, value: point.expected}))} />
          {data.unknown.length > 0 && <p class="quiet">Not mapped, since their {data.measure} is unknown: {data.unknown.join(", ")}</p>}
        </div>
        <details open={data.skills.length <= 15}><summary>{plural(data.skills.length, "skill")}</summary><Table label="Map" columns={columns} rows={data.skills} keyOf={(row) => row.skill} /></details>
      </div>}
    </Section>
  );
}
