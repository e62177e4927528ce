// What happens, what is loaded where, and what is wrong at present.
import {useEffect, useRef} from "preact/hooks";
import {Lines} from "../charts/lines";
import {count, milliseconds, percent, plural, short, span, usd} from "../lib/format";
import {liveState, liveStatus} from "../lib/live";
import {useLoad} from "../lib/load";
import {usePage} from "../lib/page";
import {modelsOf} from "../lib/residency";
import {percentileSeries, requestTraffic, shares, stackedShares, steps, totals, usageTraffic, type Share} from "../lib/series";
import {rangeHours} from "../lib/time";
import type {Alarm, Backend, DecisionRow, Expert, Health, List, ResidencyState, UsageRow} from "../lib/types";
import {wrongNow} from "../lib/wrong";
import {Badge, Bar, ErrorNotice, PageHead, Section, Tile, Word} from "../ui/basics";
import {Welcome} from "./welcome";

const EVERY = 10_000;
// While something happens: figures; a thousand requests; and what half a minute changes little and a server with much
// traffic adds up from all of it, percentiles by the hour and shares (tests/browser/open_cost.mjs has what they cost).
const SOON = 4_000, REQUESTS = 10_000, LATER = 30_000;
const MOST_ROWS = 1000;
const MOST_SHARES = 6;

// Loads again when the live stream says that something happened, at most every `every` ms and at the latest so long
// after it.
function useLiveReload(every: number, reloads: (() => void)[]): void {
  const last = useRef(0);
  const status = liveStatus.value;
  useEffect(() => {
    if (!status) return;
    const load = () => {
      last.current = Date.now();
      for (const reload of reloads) reload();
    };
    const timer = setTimeout(load, Math.max(0, last.current + every - Date.now()));
    return () => clearTimeout(timer);
  }, [status]);
}

export default function Overview() {
  const page = usePage();
  const now = new Date();
  const hours = rangeHours(page.range, now);
  const fine = hours <= 6;
  const seconds = fine ? (hours <= 1 ? 60 : 300) : hours > 24 * 14 ? 86_400 : 3600;
  const per = seconds === 86_400 ? "day" : "hour";
  const every = liveState.value === "live" ? 0 : EVERY;
  const byExpert = useLoad<List<UsageRow>>(`/api/v1/usage?per=${per}&group=expert&${page.rangeQuery}`, every);
  const bySkill = useLoad<List<UsageRow>>(`/api/v1/usage?per=day&group=skill&${page.rangeQuery}`, every);
  const rows = useLoad<List<DecisionRow>>(fine ? `/api/v1/decisions?limit=${MOST_ROWS}&${page.rangeQuery}` : null, every);
  const whole = useLoad<List<UsageRow>>(fine ? null : `/api/v1/usage?per=${per}&percentiles=true&${page.rangeQuery}`, every);
  const alarms = useLoad<List<Alarm>>("/api/v1/alarms", EVERY * 3);
  const backends = useLoad<List<Backend>>("/api/v1/backends?limit=1000", every || EVERY);
  const experts = useLoad<List<Expert>>("/api/v1/experts?limit=1000", EVERY * 3);
  const residency = useLoad<List<ResidencyState>>("/api/v1/residency", EVERY);
  const health = useLoad<Health>("/health", EVERY);
  const ready = useLoad<{status: string; reason?: string}>("/ready", EVERY * 3);
  const any = useLoad<List<DecisionRow>>("/api/v1/decisions?limit=1");
  useLiveReload(SOON, [byExpert.reload, any.reload]);
  useLiveReload(REQUESTS, [rows.reload]);
  useLiveReload(LATER, [whole.reload, bySkill.reload]);

  const usage = byExpert.data?.data ?? [];
  const times = steps(page.range.since, page.range.until ?? now, seconds);
  const traffic = fine ? requestTraffic(rows.data?.data ?? [], times, seconds) : usageTraffic(usage, times);
  const percentiles = fine ? null : percentileSeries(whole.data?.data ?? [], times, "latency_ms");
  const firstTokens = fine ? null : percentileSeries(whole.data?.data ?? [], times, "first_token_ms");
  const latency = percentiles ?? traffic.latency;
  const total = totals(usage);
  const notReady = ready.error?.status === 503 ? {status: "starting", reason: "its classifiers are being trained"} : ready.data;
  const wrong = wrongNow({
    health: health.data, ready: notReady, backends: backends.data?.data ?? [], experts: experts.data?.data ?? [],
    residency: residency.data?.data ?? [], usage, alarms: alarms.data?.data ?? [],
  });
  const loaded = byExpert.data && backends.data && experts.data && any.data;
  return (
    <>
      <PageHead title="Overview"><span class="quiet">{page.range.label}</span></PageHead>
      <ErrorNotice error={byExpert.error ?? backends.error} retry={byExpert.reload} />
      {loaded && <Welcome backends={backends.data!.data} experts={experts.data!.data} newest={any.data!.data[0]} />}
      <div class="tiles">
        <Tile label="Requests" value={short(total.requests)} note={liveNote()} />
        <Tile label="Errors" value={total.requests ? percent(total.errors / total.requests) : "–"} note={plural(total.errors, "request")} {...(total.errors ? {tone: "bad" as const} : {})} />
        <Tile label="Latency, mean" value={milliseconds(total.meanLatency)} note="of the whole request" />
        <Tile label="Tokens" value={short(total.tokens)} note="prompts and answers" />
        <Tile label="Cost" value={usd(total.cost)} note={total.requests ? `${usd(total.cost / total.requests)} a request` : ""} />
      </div>
      <WrongNow wrong={wrong} loaded={Boolean(loaded)} servers={Boolean(backends.data?.data.length)} href={page.href} />
      <div class="grid2">
        <Lines title="Requests and errors" times={times} sync="overview" format={short} bars
          series={[{label: "requests", values: traffic.requests.map((value) => value || null), color: 0}, {label: "errors", values: traffic.errors.map((value) => value || null), color: 5}]} />
        <Lines title={fine || percentiles ? "Latency, percentiles" : "Latency, mean"} times={times} sync="overview" format={milliseconds}
          series={latency.map((one, index) => ({...one, color: [2, 1, 5][index] ?? 0}))} />
        {firstTokens && <Lines title="Time to first token, percentiles" times={times} sync="overview" format={milliseconds}
          series={firstTokens.map((one, index) => ({...one, color: [2, 1, 5][index] ?? 0}))} />}
        <Lines title="Cost" times={times} sync="overview" format={usd} series={[{label: "cost", values: traffic.cost, color: 3}]} />
        {fine
          ? <ShareList title="Share by expert" list={shares(usage, "expert")} to={(name) => page.href("/requests", {expert: name})} />
          : <Lines title="Requests by expert" times={times} sync="overview" format={short} bars
              series={stackedShares(usage, "expert", times, MOST_SHARES).map((one, index) => ({...one, color: index, stacked: true}))} />}
      </div>
      {fine && rows.data?.has_more && <p class="quiet">The charts of this range show the newest {count(MOST_ROWS)} requests.</p>}
      <Backends backends={backends.data?.data ?? []} experts={experts.data?.data ?? []} residency={residency.data?.data ?? []} href={page.href} />
      <div class="grid2">
        {!fine && <ShareList title="Share by expert" list={shares(usage, "expert")} to={(name) => page.href("/requests", {expert: name})} />}
        <ShareList title="Share by skill" list={shares(bySkill.data?.data ?? [], "skill")} to={(name) => page.href("/requests", {skill: name})} />
      </div>
    </>
  );
}

function liveNote(): string {
  const flight = liveStatus.value?.["in_flight"];
  return flight == null ? "" : `${count(flight)} in flight`;
}

function WrongNow({wrong, loaded, servers, href}: {
  wrong: ReturnType<typeof wrongNow>; loaded: boolean; servers: boolean; href: (path: string, query?: Record<string, string>) => string;
}) {
  return (
    <Section title="What needs attention">
      {!wrong.length && <p class="quiet">{!loaded ? "Looking …" : servers ? "Nothing: every backend answers and requests succeed." : "Nothing is wrong. There is no model server yet: only the built-in tools answer."}</p>}
      <ul class="wrong-now">
        {wrong.map((one) => (
          <li key={one.text}>
            <Badge tone={one.tone}>{one.tone === "bad" ? "wrong" : "note"}</Badge>
            <span dir="auto">{one.text} <a href={href(one.path, one.query)}>{one.link}</a></span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function ShareList({title, list, to}: {title: string; list: Share[]; to: (name: string) => string}) {
  const all = list.reduce((sum, share) => sum + share.requests, 0);
  return (
    <Section title={title}>
      {!list.length && <p class="quiet">No request in this time.</p>}
      <div class="shares">
        {list.slice(0, 10).map((share) => [
          <span dir="auto">{share.name ? <a href={to(share.name)}>{share.name}</a> : <span class="quiet" title="It failed, or it was only decided (a dry run)">none</span>}</span>,
          <Bar value={share.requests / all} label={`${share.name || "none"}: ${percent(share.requests / all)} of requests`} />,
          <span class="quiet">{percent(share.requests / all)}, {plural(share.requests, "request")}{share.errors ? `, ${plural(share.errors, "error")}` : ""}</span>,
        ])}
      </div>
      {list.length > 10 && <p class="quiet">And {list.length - 10} more.</p>}
    </Section>
  );
}

function Backends({backends, experts, residency, href}: {
  backends: Backend[]; experts: Expert[]; residency: ResidencyState[]; href: (path: string, query?: Record<string, string>) => string;
}) {
  if (!backends.length) return null;
  return (
    <Section title="Backends" aside={<a href={href("/experts")}>Experts</a>}>
      <div class="strip">
        {backends.map((backend) => {
          const own = experts.filter((expert) => expert.backend === backend.name);
          const models = modelsOf(residency, backend.name);
          return <BackendItem key={backend.name} backend={backend} experts={own} models={models} href={href} />;
        })}
      </div>
    </Section>
  );
}

function BackendItem({backend, experts, models, href}: {
  backend: Backend; experts: Expert[]; models: ResidencyState["models"]; href: (path: string, query?: Record<string, string>) => string;
}) {
  const condition = backend.condition;
  const bad = condition?.avoided, resting = (condition?.resting_ms ?? 0) > 0;
  return (
    <div class={`strip-item ${bad ? "bad" : resting ? "warn" : ""}`}>
      <div class="row spread">
        <a href={href("/experts", {backend: backend.name})}><strong>{backend.name}</strong></a>
        <Badge tone={bad ? "bad" : resting ? "warn" : "good"}>{bad ? "avoided" : resting ? `pause ${span(condition!.resting_ms)}` : "in use"}</Badge>
      </div>
      <div class="quiet">{backend.protocol}, {backend.base_url}</div>
      {bad && condition?.reason && <div dir="auto">{condition.reason}</div>}
      {(condition?.models ?? []).map((one) => <div key={one.model} dir="auto">model {one.model} avoided: {one.reason ?? "its calls fail"}</div>)}
      <div class="facts">
        <span><b>{count(condition?.in_flight ?? 0)}</b> of {count(backend.max_concurrency)} calls</span>
        <span><b>{count(condition?.queued ?? 0)}</b> queued</span>
        <span><b>{count(experts.length)}</b> {experts.length === 1 ? "expert" : "experts"}</span>
      </div>
      {models.length > 0 && <div class="facts">
        {models.filter((model) => model.state !== "out").map((model, at) => (
          <span key={model.expert + at}><Word of="model" value={model.state} /> {model.expert}{model.waiting ? `, ${model.waiting} waiting` : ""}</span>
        ))}
        {models.every((model) => model.state === "out") && <span>no model loaded</span>}
      </div>}
    </div>
  );
}

