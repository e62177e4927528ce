// What would have changed on recorded traffic: sums, who would have been asked in place of whom, examples.
import {count, milliseconds, percent, plural, usd} from "../lib/format";
import {usePage} from "../lib/page";
import type {Impact} from "../lib/types";
import {Bar, Notice, Time} from "../ui/basics";
import {Table} from "../ui/table";

const nobody = <span class="quiet">no expert</span>;
const Who = ({name}: {name: string | null}) => (name ? <span dir="auto">{name}</span> : nobody);

const SKIPS: [keyof Impact["skipped"], string][] = [
  ["direct", "named their expert"], ["without_text", "were kept without their text"], ["policy_gone", "had a policy that is gone"], ["unreadable", "could not be read"],
];

// Differences in words, for figures where more is better or worse. Pure.
export function skippedText(impact: Impact): string {
  return SKIPS.filter(([key]) => impact.skipped[key]).map(([key, words]) => `${count(impact.skipped[key])} ${words}`).join(", ");
}

export function ImpactView({impact, before, after}: {impact: Impact; before: string; after: string}) {
  const page = usePage();
  const skipped = skippedText(impact);
  const sums: [string, string, string][] = [
    ["Expected to be right", percent(impact.before.expected), percent(impact.after.expected)],
    ["Cost of a request", usd(impact.before.cost_usd), usd(impact.after.cost_usd)],
    ["Latency", milliseconds(impact.before.latency_ms), milliseconds(impact.after.latency_ms)],
    ["Without an expert", count(impact.before.no_expert), count(impact.after.no_expert)],
  ];
  const share = impact.compared ? impact.changed / impact.compared : 0;
  return (
    <>
      <p><strong>{percent(share)}</strong> of {plural(impact.compared, "recorded request")} would have asked another expert first ({count(impact.changed)}).
        {impact.oldest && <> From <Time at={impact.oldest} /> to <Time at={impact.newest} />.</>} {skipped && <span class="quiet">Left out: {skipped}.</span>}</p>
      {impact.compared > 0 && <Bar value={share} label={`${percent(share)} would have asked another expert first`} tone="warn" />}
      {!impact.complete && <Notice tone="warn">The time of one request was over before all were looked at: these are the newest {count(impact.looked_at)}.</Notice>}
      {impact.notes.map((note) => <Notice key={note}>{note}</Notice>)}
      {impact.compared > 0 && <div class="diff">
        <strong>Mean of all</strong><strong>{before}</strong><strong>{after}</strong>
        {sums.map(([what, was, is]) => [<span key={what}>{what}</span>, <span key={what + "b"} class="was">{was}</span>, <span key={what + "a"}>{is}</span>])}
      </div>}
      {impact.moves.length > 0 && <><h3>Who would have been asked</h3><Table label="Moves" rows={impact.moves.slice(0, 20)} keyOf={(row) => `${row.from} ${row.to}`} columns={[
        {key: "from", title: before, value: (row) => row.from, show: (row) => <Who name={row.from} />}, {key: "to", title: after, value: (row) => row.to, show: (row) => <Who name={row.to} />},
        {key: "count", title: "Requests", number: true, value: (row) => row.count, show: (row) => count(row.count)},
      ]} /></>}
      {impact.skills.some((row) => row.changed) && <><h3>By skill</h3><Table label="Changes by skill" rows={impact.skills.filter((row) => row.changed).slice(0, 20)} keyOf={(row) => row.skill ?? ""} columns={[
        {key: "skill", title: "Skill", value: (row) => row.skill ?? "none"}, {key: "compared", title: "Requests", number: true, value: (row) => row.compared},
        {key: "changed", title: "Changed", number: true, value: (row) => row.changed, show: (row) => `${count(row.changed)} (${percent(row.changed / row.compared)})`},
      ]} /></>}
      {impact.examples.length > 0 && <details><summary>{plural(impact.examples.length, "example")}</summary><ul>{impact.examples.map((one) => (
        <li key={one.decision}><a href={page.href(`/requests/${one.decision}`)}><Time at={one.time} /></a>, {one.skill ?? "no skill"}: <Who name={one.before.expert} /> ({percent(one.before.expected)}) → <Who name={one.after.expert} /> ({percent(one.after.expected)})</li>
      ))}</ul></details>}
    </>
  );
}
