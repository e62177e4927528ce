// Every expert as a card; one of them in detail on request.
import {useEffect, useMemo, useRef, useState} from "preact/hooks";
import {BackendForm} from "../forms/backend";
import {ExpertForm} from "../forms/expert";
import {call, reloadAll} from "../lib/api";
import {contributions} from "../lib/contribution";
import {plural} from "../lib/format";
import {useAction, useLoad} from "../lib/load";
import {usePages} from "../lib/pages";
import {usePage} from "../lib/page";
import {namePath} from "../lib/query";
import {modelsOf, stateOf} from "../lib/residency";
import {shares} from "../lib/series";
import type {Backend, Expert, List, Profile, ResidencyState, UsageRow} from "../lib/types";
import {generalist} from "../lib/wrong";
import {Empty, ErrorNotice, Loading, PageHead, Select} from "../ui/basics";
import {Confirm} from "../ui/dialog";
import {Exports} from "../ui/table";
import {ContributionPanel} from "./contribution";
import {ExpertCard, type CardData} from "./expert-card";
import {BackendPanel} from "./expert-backend";
import {ExpertDetail} from "./expert-detail";

const AT_ONCE = 200;  // loaded; more on request
const DRAWN = 24;     // cards drawn before one scrolls down
const ORDERS: [string, string][] = [["name", "Name"], ["-requests", "Most answered"], ["-mean", "Best measured"], ["price", "Cheapest"], ["latency", "Fastest"]];

function sortCards(cards: CardData[], order: string): CardData[] {
  const mean = (card: CardData) => {
    const trials = card.profile?.measured.reduce((sum, one) => sum + one.trials, 0) ?? 0;
    return trials ? card.profile!.measured.reduce((sum, one) => sum + one.wins, 0) / trials : -1;
  };
  const keys: Record<string, (card: CardData) => number> = {
    "-requests": (card) => -card.answered, "-mean": (card) => -mean(card),
    price: (card) => card.expert.price.input + card.expert.price.output,
    latency: (card) => card.expert.latency.typical_ms ?? Infinity,
  };
  const key = keys[order];
  return key ? [...cards].sort((a, b) => key(a) - key(b)) : cards;
}

function matches(expert: Expert, text: string): boolean {
  const all = [expert.name, expert.description, expert.model, expert.backend, ...expert.tags, ...Object.keys(expert.skills)].join(" ");
  return all.toLowerCase().includes(text.toLowerCase());
}

// Something at the end of what is drawn: when it comes into sight, more is.
function Sentinel({onSeen}: {onSeen: () => void}) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const watch = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) onSeen();
    }, {rootMargin: "600px"});
    watch.observe(element.current!);
    return () => watch.disconnect();
  }, []);
  return <div ref={element} class="quiet">More …</div>;
}

export default function Experts() {
  const page = usePage();
  const {find = "", backend = "", show = "", sort = "name", open} = page.query;
  const [large, setLarge] = useState(false);
  // Where not all experts come at once, the server searches; else it is done here, as one types.
  const search = large ? `&find=${encodeURIComponent([find, backend].filter(Boolean).join(" "))}` : "";
  const experts = usePages<Expert>(`/api/v1/experts?limit=${AT_ONCE}${search}`, (one) => one.name, 15_000);
  const profiles = usePages<Profile>(`/api/v1/profiles?limit=${AT_ONCE}${search}`, (one) => one.expert);
  if (experts.more && !large) setLarge(true);
  const backends = useLoad<List<Backend>>("/api/v1/backends?limit=1000", 15_000);
  const residency = useLoad<List<ResidencyState>>("/api/v1/residency", 15_000);
  const usage = useLoad<List<UsageRow>>(`/api/v1/usage?per=day&group=expert&${page.rangeQuery}`);
  const bySkill = useLoad<List<UsageRow>>(`/api/v1/usage?per=day&group=skill&${page.rangeQuery}`);
  const [form, setForm] = useState<Expert | "new" | "backend" | null>(null);
  const [removing, setRemoving] = useState<Expert | null>(null);
  const toggle = useAction();
  const answered = new Map(shares(usage.data?.data ?? [], "expert").map((share) => [share.name, share]));
  const all = [...answered.values()].reduce((sum, share) => sum + share.requests, 0);
  const byName = new Map((profiles.rows ?? []).map((profile) => [profile.expert, profile]));
  const best = useMemo(() => generalist(profiles.rows ?? []), [profiles.rows]);
  const contribution = useMemo(() => contributions(experts.rows ?? [], profiles.rows ?? [], usage.data?.data ?? [], bySkill.data?.data ?? []),
    [experts.rows, profiles.rows, usage.data, bySkill.data]);
  const contributed = new Map(contribution.list.map((one) => [one.expert, one]));
  const cardOf = (expert: Expert): CardData => ({
    expert, profile: byName.get(expert.name), best, contribution: contributed.get(expert.name),
    backend: backends.data?.data.find((one) => one.name === expert.backend),
    residency: stateOf(modelsOf(residency.data?.data ?? [], expert.backend), expert.name),
    answered: answered.get(expert.name)?.requests ?? 0, failed: answered.get(expert.name)?.errors ?? 0, all,
  });
  const cards = (experts.rows ?? []).map(cardOf);
  const listed = cards.find((card) => card.expert.name === open);
  const alone = useLoad<Expert>(open && experts.rows && !listed ? `/api/v1/experts/${namePath(open)}` : null);
  const filtered = cards.filter(({expert}) => matches(expert, find) && (!backend || expert.backend === backend) &&
    (!show || (show === "tools" ? expert.kind === "tool" : show === "models" ? expert.kind === "llm" : show === "off" ? !expert.enabled : true)));
  const [drawn, setDrawn] = useState(DRAWN);
  const shown = sortCards(filtered, sort).slice(0, drawn);
  const models = cards.filter((card) => card.expert.kind === "llm");
  const setEnabled = (expert: Expert) => toggle.run(async () => {
    await call("PATCH", `/api/v1/experts/${namePath(expert.name)}`, {body: {enabled: !expert.enabled}});
    reloadAll();
  });
  const close = () => {
    setForm(null);
    reloadAll();
  };
  return (
    <>
      <PageHead title="Experts">
        <Exports name="moerge-experts" rows={() => filtered.map(({expert, profile, answered: asked}) => ({
          name: expert.name, kind: expert.kind, backend: expert.backend, model: expert.model, enabled: expert.enabled,
          price_input: expert.price.input, price_output: expert.price.output, context: expert.context,
          typical_ms: expert.latency.typical_ms, wins: profile?.wins ?? 0, trials: profile?.trials ?? 0, answered: asked,
        }))} />
        <button onClick={() => setForm("backend")}>Add a model server</button>
        <button class="primary" onClick={() => setForm("new")}>Add an expert</button>
      </PageHead>
      <div class="filters">
        <label>Find<input type="search" data-search value={find} placeholder="Name, purpose, skill ( / )" onInput={(event) => page.set({find: event.currentTarget.value})} /></label>
        <label>Backend<Select value={backend} options={[["", "all"], ...(backends.data?.data ?? []).map((one) => one.name)]} onChange={(value) => page.set({backend: value})} /></label>
        <label>Show<Select value={show} options={[["", "all"], ["models", "models"], ["tools", "built-in tools"], ["off", "disabled"]]} onChange={(value) => page.set({show: value})} /></label>
        <label>Order<Select value={sort} options={ORDERS} onChange={(value) => page.set({sort: value === "name" ? undefined : value})} /></label>
        <span class="quiet">{plural(filtered.length, "expert")}{experts.more ? " loaded, more below" : ""}</span>
      </div>
      <ErrorNotice error={experts.error} retry={experts.reload} />
      <ErrorNotice error={toggle.error} />
      {experts.loading && !experts.rows && <Loading />}
      {backend && <BackendPanel backend={backends.data?.data.find((one) => one.name === backend)} onChanged={reloadAll} onRemoved={() => { page.set({backend: undefined}); reloadAll(); }} />}
      {experts.rows && !models.length && !large && (
        <Empty title="No model yet: only the built-in tools answer.">
          <p>{backends.data?.data.length ? "Add one of your server's models as an expert." : "Add a model server first, then its models as experts."}</p>
          <button class="primary" onClick={() => setForm(backends.data?.data.length ? "new" : "backend")}>{backends.data?.data.length ? "Add an expert" : "Add a model server"}</button>
        </Empty>
      )}
      {experts.rows && (models.length > 0 || large) && !shown.length && !experts.loading && <Empty title="No expert matches."><button onClick={() => page.set({find: undefined, backend: undefined, show: undefined})}>Show all</button></Empty>}
      {models.length > 1 && !large && profiles.rows && usage.data && <ContributionPanel data={contribution} />}
      <div class="cards">
        {shown.map((card) => (
          <ExpertCard key={card.expert.name} card={card} busy={toggle.busy} onOpen={() => page.set({open: card.expert.name})}
            onEdit={() => setForm(card.expert)} onToggle={() => void setEnabled(card.expert)} onRemove={() => setRemoving(card.expert)} />
        ))}
      </div>
      {filtered.length > drawn && <Sentinel key={drawn} onSeen={() => setDrawn(drawn + DRAWN)} />}
      {experts.more && <p><button disabled={experts.loading} onClick={() => { experts.loadMore(); profiles.loadMore(); }}>{AT_ONCE} more experts</button> <span class="quiet">by name; search finds all of them</span></p>}
      {form === "backend" && <BackendForm onClose={close} />}
      {form && form !== "backend" && <ExpertForm {...(form === "new" ? {} : {old: form})} backends={backends.data?.data ?? []} onClose={close} />}
      {open && experts.rows && <ExpertDetail name={open} card={listed ?? (alone.data?.name === open ? cardOf(alone.data) : undefined)} looking={alone.loading} onClose={() => page.set({open: undefined})} />}
      {removing && (
        <Confirm title={`Remove ${removing.name}?`} verb="Remove the expert" onClose={() => setRemoving(null)}
          act={async () => { await call("DELETE", `/api/v1/experts/${namePath(removing.name)}`); reloadAll(); }}>
          <p>It gets no more requests. What was measured of it and its past decisions stay.</p>
        </Confirm>
      )}
    </>
  );
}
