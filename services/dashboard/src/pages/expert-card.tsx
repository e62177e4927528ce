// One expert at a glance.
import type {Contribution} from "../lib/contribution";
import {count, milliseconds, percent, plural, span} from "../lib/format";
import {usePage} from "../lib/page";
import {wilson} from "../lib/stats";
import type {Backend, Expert, Profile, ResidencyState} from "../lib/types";
import {warningsOf} from "../lib/wrong";
import {Badge, Word} from "../ui/basics";
import {ContributionBadges} from "./contribution";

export interface CardData {
  expert: Expert;
  profile: Profile | undefined;
  best: Profile | null;
  contribution: Contribution | undefined;
  backend: Backend | undefined;
  residency: ResidencyState["models"][number] | undefined;
  answered: number;
  failed: number;
  all: number;  // requests of the time range
}

const MOST_SKILLS = 5;

export function priceText(expert: Expert): string {
  const {input, output} = expert.price;
  return input === 0 && output === 0 ? "no price" : `${input} in / ${output} out USD per M tokens`;
}

export function latencyText(expert: Expert): string {
  const {source, typical_ms, high_ms, measured} = expert.latency;
  if (source === "unknown") return "latency unknown";
  if (source === "computed") return "computed at once";
  const half = `p50 ${milliseconds(typical_ms)}, p90 ${milliseconds(high_ms)}`;
  return source === "measured" ? `${half} of ${plural(measured?.answers ?? 0, "answer")}` : `${milliseconds(typical_ms)} declared`;
}

export function ExpertCard({card, busy, onOpen, onEdit, onToggle, onRemove}: {
  card: CardData; busy: boolean; onOpen: () => void; onEdit: () => void; onToggle: () => void; onRemove: () => void;
}) {
  const {expert, profile, best} = card;
  const page = usePage();
  const mine = expert.origin === "store";
  const fixed = expert.origin === "file" ? "Belongs to the configuration file: change it there, then reload" : "Built in";
  return (
    <article class={`card ${expert.enabled ? "" : "off"}`} aria-label={expert.name}>
      <div class="card-head">
        <h2 dir="auto"><button class="link" onClick={onOpen}>{expert.name}</button></h2>
        {!expert.enabled && <Badge tone="warn">disabled</Badge>}
        {expert.kind === "tool" && <Badge tone="info">tool</Badge>}
        <Word of="origin" value={expert.origin} />
        <State card={card} />
        <ContributionBadges one={card.contribution} />
      </div>
      {expert.description && <div dir="auto">{expert.description}</div>}
      <div class="facts">
        {expert.kind === "llm" && <span>{expert.model} at <a href={page.href("/experts", {backend: expert.backend})}>{expert.backend}</a></span>}
        <span>{priceText(expert)}</span>
        <span>{latencyText(expert)}</span>
        {expert.context > 0 && <span><b>{count(expert.context)}</b> tokens of context</span>}
        {expert.vision && <span>reads images</span>}
      </div>
      <SkillRows expert={expert} profile={profile} />
      <ul class="warnings">{warningsOf(expert, profile, best).map((one) => <li key={one.key} dir="auto">{one.text}</li>)}</ul>
      <div class="facts"><span><a href={page.href("/requests", {expert: expert.name})}><b>{count(card.answered)}</b> of {plural(card.all, "request")}</a> answered{card.failed ? `, ${plural(card.failed, "error")}` : ""} ({page.range.label.toLowerCase()})</span></div>
      <div class="card-foot">
        <a class="button small" href={page.href("/playground") + "#" + new URLSearchParams({p: expert.name})}>Try</a>
        <button class="small" onClick={onOpen}>Details</button>
        <button class="small" disabled={!mine} title={mine ? undefined : fixed} onClick={onEdit}>Change</button>
        <button class="small" disabled={!mine || busy} title={mine ? undefined : fixed} onClick={onToggle}>{expert.enabled ? "Disable" : "Enable"}</button>
        <button class="small danger" disabled={!mine} title={mine ? undefined : fixed} onClick={onRemove}>Remove</button>
      </div>
    </article>
  );
}

// Whether other experts are preferred to it, in words; null: they are not.
export function avoidedText({condition}: Expert): string | null {
  if (!condition?.avoided) return null;
  return `${condition.whole_backend ? "" : "its model is "}avoided: ${condition.reason ?? "its calls fail"}`;
}

function State({card: {residency, expert}}: {card: CardData}) {
  const {condition} = expert;
  if (!expert.enabled) return null;
  const avoided = avoidedText(expert);
  if (avoided) return <Badge tone="bad" long title={`${condition?.reason ?? ""}, for ${span((condition?.for_seconds ?? 0) * 1000)}`}>{avoided}</Badge>;
  if (condition && condition.resting_ms > 0) return <Badge tone="warn" title={condition.reason}>paused</Badge>;
  if (residency) return <Word of="model" value={residency.state} />;
  return null;
}

// Measured skills, the best first; declared ones where nothing is measured.
export function SkillRows({expert, profile}: {expert: Expert; profile: Profile | undefined}) {
  const measured = [...(profile?.measured ?? [])].filter((one) => one.trials > 0).sort((a, b) => b.mean - a.mean || b.trials - a.trials);
  const declared = Object.entries(expert.skills).filter(([skill]) => !measured.some((one) => one.skill === skill)).sort((a, b) => b[1] - a[1]);
  const room = Math.max(0, MOST_SKILLS - measured.length);
  return (
    <div class="skill-rows">
      {measured.slice(0, MOST_SKILLS).map((one) => {
        const interval = wilson(one.wins, one.trials);
        return [
          <span key={one.skill} dir="auto" title={one.skill}>{one.skill}</span>,
          <IntervalBar key={one.skill + "b"} {...interval} label={`${one.skill}: ${percent(one.mean)}, 90 % interval ${percent(interval.low)} to ${percent(interval.high)}`} />,
          <span key={one.skill + "v"}>{percent(one.mean)} <span class="quiet">of {count(Math.round(one.trials))}</span></span>,
        ];
      })}
      {declared.slice(0, room).map(([skill, strength]) => [
        <span key={skill} dir="auto" title={skill}>{skill}</span>,
        <IntervalBar key={skill + "b"} mean={strength} label={`${skill}: declared ${percent(strength)}`} />,
        <span key={skill + "v"}>{percent(strength)} <span class="quiet">declared</span></span>,
      ])}
    </div>
  );
}

export function IntervalBar({mean, low, high, label}: {mean: number; low?: number; high?: number; label: string}) {
  const x = (value: number) => `${Math.max(0, Math.min(1, value)) * 96 + 2}%`;
  return (
    <svg class="dot-row" role="img" aria-label={label}>
      <title>{label}</title>
      <line x1="2%" x2="98%" y1="10" y2="10" stroke="var(--line)" />
      {low != null && high != null && <line x1={x(low)} x2={x(high)} y1="10" y2="10" stroke="var(--accent)" stroke-width="3" stroke-linecap="round" />}
      {low != null ? <circle cx={x(mean)} cy="10" r="5" fill="var(--accent)" /> : <circle cx={x(mean)} cy="10" r="4.5" fill="var(--panel)" stroke="var(--quiet)" stroke-width="1.5" />}
    </svg>
  );
}
