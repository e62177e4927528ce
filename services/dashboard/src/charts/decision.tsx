// A decision as the router recorded it: skills as bars, candidates as dots with their intervals, what was
// left out and why, what was asked.
import {count, percent, score} from "../lib/format";
import type {Candidate, Decision} from "../lib/types";
import {DIRECT, wordOf} from "../lib/words";
import {Badge, Bar} from "../ui/basics";

const MOST = 12;

export function DecisionPicture({decision, stacked, experts}: {
  decision: Decision; stacked?: boolean; experts?: (name: string) => string;
}) {
  return (
    <div class={`decision ${stacked ? "stacked" : ""}`}>
      <div><Demand decision={decision} /></div>
      <div><Candidates decision={decision} experts={experts} /></div>
      <div><Choice decision={decision} /></div>
    </div>
  );
}

function Demand({decision}: {decision: Decision}) {
  const demand = decision.demand;
  if (!demand?.skills.length) {
    return <><h3>Skills in demand</h3><p class="quiet">{decision.policy === DIRECT ? "The client named the expert; nothing was classified." : "None was recognised."}</p></>;
  }
  const [first, second] = demand.skills;
  const margin = first && second ? first.probability - second.probability : null;
  return (
    <>
      <h3>Skills in demand</h3>
      <div class="shares">
        {demand.skills.slice(0, 8).map(({skill, probability}) => [
          <span dir="auto">{skill}</span>,
          <Bar value={probability} label={`${skill}: probability ${score(probability)}`} />,
          <span class="number">{score(probability)}</span>,
        ])}
      </div>
      <p class="quiet">
        {demand.classifier}, confidence {score(demand.confidence)}
        {margin != null && <>; margin between the first two {score(margin)}</>}
        {demand.bytes_read < demand.bytes_total && <>; {count(demand.bytes_read)} of {count(demand.bytes_total)} bytes read</>}
      </p>
      {demand.notes.map((note) => <p class="quiet" key={note}>{note}</p>)}
    </>
  );
}

function Candidates({decision, experts}: {decision: Decision; experts: ((name: string) => string) | undefined}) {
  if (!decision.candidates.length || decision.policy === DIRECT) return null;  // nobody was compared
  const asked = new Map(decision.roster.map((seat, index) => [seat.expert, index + 1]));
  const shown = decision.candidates.slice(0, MOST);
  return (
    <>
      <h3>Candidates <span class="quiet">of {count(decision.considered)} considered; expected score with its 90 % interval</span></h3>
      <div class="candidates">
        <span class="head">expert</span>
        <Ticks />
        <span class="head number">expected</span>
        <span class="head number optional">USD per M tokens</span>
        <span class="head optional">asked</span>
        {shown.map((candidate) => <Row key={candidate.expert} candidate={candidate} rank={asked.get(candidate.expert)}
          fallback={decision.fallbacks.indexOf(candidate.expert)} href={experts?.(candidate.expert)} />)}
      </div>
      {decision.candidates.length > MOST && <p class="quiet">{decision.candidates.length - MOST} more are not drawn.</p>}
    </>
  );
}

function Ticks() {
  return (
    <svg class="dot-row" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">
      {[0, 25, 50, 75, 100].map((x) => <line key={x} x1={x} x2={x} y1="12" y2="20" stroke="var(--line)" vector-effect="non-scaling-stroke" />)}
    </svg>
  );
}

function Row({candidate, rank, fallback, href}: {
  candidate: Candidate; rank: number | undefined; fallback: number; href: string | undefined;
}) {
  const out = candidate.excluded != null;
  const name = href ? <a href={href}>{candidate.expert}</a> : candidate.expert;
  if (out) {
    return (
      <>
        <span class="out" dir="auto">{name}</span>
        <span class="gate">left out: {wordOf("gate", candidate.excluded!).text} <code>{candidate.excluded}</code></span>
      </>
    );
  }
  return (
    <>
      <span dir="auto">{name}</span>
      <Dot candidate={candidate} asked={rank != null} />
      <span class="number" title={candidate.utility !== candidate.expected ? `score after price and latency: ${score(candidate.utility)}` : undefined}>
        {score(candidate.expected)}
      </span>
      <span class="number optional">{candidate.price === 0 ? "0" : candidate.price.toPrecision(3)}</span>
      <span class="optional">
        {rank != null && <Badge tone="good">{rank === 1 ? "first" : `no. ${rank}`}</Badge>}
        {rank == null && fallback >= 0 && <Badge>fallback {fallback + 1}</Badge>}
        {candidate.provisional && <Badge tone="warn" title="Fewer than 50 trials of it are measured: its strength is a claim">claimed</Badge>}
      </span>
    </>
  );
}

function Dot({candidate, asked}: {candidate: Candidate; asked: boolean}) {
  const x = (value: number) => `${Math.max(0, Math.min(1, value)) * 98 + 1}%`;
  const label = `expected ${score(candidate.expected)}, 90 % interval ${score(candidate.low)} to ${score(candidate.high)}`;
  const tone = asked ? "var(--good)" : "var(--accent)";
  return (
    <svg class="dot-row" role="img" aria-label={label}>
      <title>{label}</title>
      <line x1="1%" x2="99%" y1="10" y2="10" stroke="var(--line)" />
      <line x1={x(candidate.low)} x2={x(candidate.high)} y1="10" y2="10" stroke={tone} stroke-width="3" stroke-linecap="round" />
      <circle cx={x(candidate.expected)} cy="10" r="5.5" fill={tone} stroke="var(--panel)" stroke-width="1.5" />
    </svg>
  );
}

function limitWords(limit: string): string {
  const {text, why} = wordOf("limit", limit);
  return why || text;
}

function Choice({decision}: {decision: Decision}) {
  return (
    <>
      <h3>Why</h3>
      {decision.roster.length > 0 && <p>Asks <strong dir="auto">{decision.roster.map((seat) => seat.expert).join(", ")}</strong>
        {decision.aggregate ? <> ({decision.aggregate})</> : null}</p>}
      <ul class="reasons">{decision.reasons.map((reason) => <li key={reason} dir="auto">{reason}</li>)}</ul>
      {decision.limit && <p>Ended by a limit: {limitWords(decision.limit)}.</p>}
      {decision.answer_confidence != null && <p>Confidence in the answer: <strong>{percent(decision.answer_confidence)}</strong></p>}
      {decision.error && <p class="field-error" dir="auto">{decision.error}</p>}
    </>
  );
}
