// The calls of one request as a waterfall, each from when it began. What has no start of its own follows
// the call before it.
import {milliseconds} from "../lib/format";
import type {Attempt, Decision} from "../lib/types";
import {wordOf} from "../lib/words";
import type {Tone} from "../ui/basics";

export interface Lane {
  label: string;
  pieces: {from: number; to: number; tone: Tone | "soft"; title: string}[];
  value: string;
  why: string;  // the value in plain words
  said: string;
}

// In milliseconds since the request came. Pure.
export function lanesOf(decision: Decision): Lane[] {
  const times = decision.timings;
  const before = times ? (times.classify_us + times.recruit_us) / 1000 : 0;
  const lanes: Lane[] = times ? [{
    label: "decision", value: milliseconds(before), why: "", said: "",
    pieces: [{from: 0, to: before, tone: "info", title: "classify and recruit"}],
  }] : [];
  const parallel = Boolean(decision.aggregate);
  let at = before;
  for (const attempt of decision.attempts) {
    const from = attempt.start_ms ?? at;
    lanes.push(laneOf(attempt, from, decision, parallel));
    at = from + attempt.ms;
  }
  return lanes;
}

function laneOf(attempt: Attempt, from: number, decision: Decision, parallel: boolean): Lane {
  const to = from + attempt.ms;
  const {text, tone, why} = wordOf("call", attempt.outcome);
  const first = decision.timings?.first_token_ms;
  const pieces: Lane["pieces"] = [];
  if (!parallel && attempt.outcome === "ok" && first != null && first > from && first < to) {
    pieces.push({from, to: first, tone: "soft", title: "until the first token"}, {from: first, to, tone, title: "stream"});
  } else {
    pieces.push({from, to, tone, title: text});
  }
  const answer = decision.answers?.find((one) => one.expert === attempt.expert)?.answer;
  const said = [attempt.error, attempt.note, answer != null ? `answer: ${answer}` : null].filter(Boolean).join("; ");
  const retry = attempt.retry ? `, retry ${attempt.retry}` : "";
  return {label: attempt.expert, pieces, value: `${text}${retry}, ${milliseconds(attempt.ms)}`, why, said};
}

export function Attempts({decision}: {decision: Decision}) {
  const lanes = lanesOf(decision);
  const end = Math.max(decision.timings?.total_ms ?? 0, ...lanes.flatMap((lane) => lane.pieces.map((piece) => piece.to)), 0.001);
  return (
    <div class="lanes">
      {lanes.map((lane, index) => [
        <span key={`${index}n`} class="lane-name" dir="auto">{lane.label}</span>,
        <span key={`${index}l`} class="lane" role="img" aria-label={`${lane.label}: ${lane.value}`}>
          {lane.pieces.map((piece) => (
            <span key={piece.title} class={`piece ${piece.tone}`} title={`${piece.title}: ${milliseconds(piece.to - piece.from)}`}
              style={{left: `${(piece.from / end) * 100}%`, width: `${((piece.to - piece.from) / end) * 100}%`}} />
          ))}
        </span>,
        <span key={`${index}v`} class="lane-value" title={lane.why || undefined}>{lane.value}</span>,
        lane.said ? <span key={`${index}s`} class="said" dir="auto">{lane.said}</span> : null,
      ])}
      {decision.timings && [
        <span key="w" class="quiet">whole request</span>,
        <span key="a" class="quiet lane-all">{milliseconds(decision.timings.total_ms)}, of which in moerge {milliseconds(decision.timings.overhead_ms)}</span>,
      ]}
    </div>
  );
}
