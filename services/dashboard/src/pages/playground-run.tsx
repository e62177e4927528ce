// One policy's way with a request: its answer as it comes, the calls, the decision.
import {Attempts} from "../charts/attempts";
import {DecisionPicture} from "../charts/decision";
import {isDebate, Transcript} from "../charts/transcript";
import {Votes} from "../charts/votes";
import type {Run} from "../lib/ask";
import {milliseconds, tokens, usd} from "../lib/format";
import type {Query} from "../lib/query";
import {Badge, Notice, Outside, Section} from "../ui/basics";
import {Judge} from "../ui/feedback";

const STATES: Record<Run["state"], string> = {
  deciding: "deciding …", decided: "decided; no expert was asked", asking: "answering …", done: "answered", failed: "failed",
};

export function RunView({run, alone, href}: {run: Run; alone: boolean; href: (path: string, query?: Query) => string}) {
  const {decision} = run;
  const expert = (name: string) => href("/experts", {open: name});
  return (
    <div>
      <Section title={run.policy} aside={<span role="status">{STATES[run.state]}</span>}>
        {run.error && <Notice tone="bad">{run.error}</Notice>}
        {run.state !== "decided" && run.state !== "deciding" && (
          <div class="answer-box" aria-live="polite" aria-label={`Answer of ${run.policy}`}>
            {run.text ? <Outside text={run.text} most={20_000} /> : <span class="quiet">{run.state === "asking" ? "Waiting for the first words …" : "No text."}</span>}
          </div>
        )}
        <Facts run={run} />
        {run.members.length > 1 && <Members run={run} />}
        {run.kept && decision && run.state === "done" && (
          <div class="row spread">
            <Judge decision={decision.id} />
            <a href={href(`/requests/${decision.id}`)}>The request in full</a>
          </div>
        )}
      </Section>
      {decision && run.kept && decision.answers && isDebate(decision.answers) && <Section title="Debate"><Transcript answers={decision.answers} /></Section>}
      {decision && run.kept && decision.answers && decision.answers.length > 0 && <Section title={`Answers, combined by ${decision.aggregate ?? "the policy"}`}><Votes answers={decision.answers} /></Section>}
      {decision && <Section title="Decision"><DecisionPicture decision={decision} stacked={!alone} experts={expert} /></Section>}
      {decision && run.kept && decision.attempts.length > 0 && <Section title="Calls"><Attempts decision={decision} /></Section>}
    </div>
  );
}

function Facts({run}: {run: Run}) {
  const {decision} = run;
  if (run.state === "deciding" || run.state === "decided") return null;
  return (
    <div class="facts">
      {run.kept && decision?.expert && <span>by <b dir="auto">{decision.expert}</b></span>}
      {run.firstMs != null && <span>first words after <b>{milliseconds(run.firstMs)}</b></span>}
      {run.totalMs != null && <span>done after <b>{milliseconds(run.totalMs)}</b></span>}
      {run.kept && decision && <span><b>{usd(decision.cost_usd)}</b></span>}
      {run.kept && decision?.usage && <span><b>{tokens(decision.usage.prompt_tokens + decision.usage.completion_tokens)}</b></span>}
    </div>
  );
}

// An expert that has not answered when the answer is there was not needed for it.
function Members({run}: {run: Run}) {
  const tone = {asked: run.state === "done" ? "plain" : "info", answered: "good", failed: "bad"} as const;
  const words = {asked: run.state === "done" ? "not waited for" : "asked", answered: "answered", failed: "failed"};
  return (
    <div class="seats" aria-label="Experts that were asked">
      {run.members.map((member, index) => (
        <Badge key={index} tone={tone[member.state]} title={member.error}>{member.expert}{member.role !== "answer" ? ` as ${member.role}` : ""}: {words[member.state]}</Badge>
      ))}
    </div>
  );
}
