// One request: what was asked, the decision, the calls, and what would be decided today.
import {useRoute} from "preact-iso/router";
import {useState} from "preact/hooks";
import {Attempts} from "../charts/attempts";
import {DecisionPicture} from "../charts/decision";
import {isDebate, Transcript} from "../charts/transcript";
import {Votes} from "../charts/votes";
import {call} from "../lib/api";
import {differences} from "../lib/diff";
import {bytes, count, milliseconds, plural, tokens, usd} from "../lib/format";
import {useAction, useLoad} from "../lib/load";
import {usePage} from "../lib/page";
import {shareText} from "../lib/query";
import type {Decision, Replay} from "../lib/types";
import {DIRECT, policyWhy} from "../lib/words";
import {Empty, ErrorNotice, Loading, Notice, Outside, PageHead, Section, Tile, Time, Word} from "../ui/basics";
import {Judge} from "../ui/feedback";
import {download} from "../ui/table";

export default function Request() {
  const {params} = useRoute();
  const id = params["id"] ?? "";
  const page = usePage();
  const loaded = useLoad<Decision>(`/api/v1/decisions/${encodeURIComponent(id)}`);
  const decision = loaded.data;
  const expertHref = (name: string) => page.href("/experts", {open: name});
  if (loaded.error?.status === 404) {
    return <><PageHead title="Request" /><Empty title="There is no such request."><p>It may be older than what is kept, or its address is wrong.</p><a href={page.href("/requests")}>All requests</a></Empty></>;
  }
  return (
    <>
      <PageHead title={`Request ${id.slice(-8)}`}>
        <a class="button" href={page.href("/requests")}>All requests</a>
        {decision?.request?.user != null && <a class="button" href={page.href("/playground") + shareText({policies: [decision.model], user: decision.request.user, system: decision.request.system ?? ""})}>Open in the playground</a>}
        {decision && <button onClick={() => download(`moerge-decision-${id}.json`, "application/json", JSON.stringify(decision, null, 1))}>JSON</button>}
      </PageHead>
      <ErrorNotice error={loaded.error} retry={loaded.reload} />
      {!decision && loaded.loading && <Loading />}
      {decision && <>
        <Summary decision={decision} />
        <Asked decision={decision} />
        <Section title="Decision"><DecisionPicture decision={decision} experts={expertHref} /></Section>
        {decision.attempts.length > 0 && <Section title="Calls"><Attempts decision={decision} /></Section>}
        {decision.answers && isDebate(decision.answers) && <Section title="Debate"><Transcript answers={decision.answers} /></Section>}
        {decision.answers && decision.answers.length > 0 && <Section title={`Answers, combined by ${decision.aggregate ?? "the policy"}`}><Votes answers={decision.answers} /></Section>}
        <ReplayPanel decision={decision} />
      </>}
    </>
  );
}

function Summary({decision}: {decision: Decision}) {
  const {timings, usage} = decision;
  return (
    <div class="tiles">
      <Tile label="Outcome" value={<Word of="request" value={decision.outcome} />} note={<Time at={decision.time} />} />
      <Tile label="Answered by" value={<span dir="auto">{decision.expert || "none"}</span>} note={policyNote(decision.policy)} />
      <Tile label="Whole request" value={milliseconds(timings?.total_ms)} note={timings?.first_token_ms != null ? `first token ${milliseconds(timings.first_token_ms)}` : decision.stream ? "streamed" : "in one piece"} />
      <Tile label="In moerge" value={milliseconds(timings?.overhead_ms)} note="of that" />
      <Tile label="Tokens" value={usage ? count(usage.prompt_tokens + usage.completion_tokens) : "–"} note={usage ? `${tokens(usage.prompt_tokens)} in, ${count(usage.completion_tokens)} out${usage.estimated ? ", estimated" : ""}` : ""} />
      <Tile label="Cost" value={usd(decision.cost_usd)} note={plural(decision.attempts.length, "call")} />
    </div>
  );
}

function policyNote(policy: string): string {
  const why = policyWhy(policy);
  if (policy === DIRECT) return why ?? policy;
  return `policy ${policy}${why ? `: ${why}` : ""}`;
}

function Asked({decision}: {decision: Decision}) {
  const request = decision.request;
  return (
    <Section title="What was asked" aside={<span>model {decision.model}{decision.stream ? ", streamed" : ""}</span>}>
      {request?.system && <details><summary>System prompt</summary><Outside text={request.system} /></details>}
      {request?.user != null ? <Outside text={request.user} /> : <p class="quiet">The text was not kept{request?.user_bytes != null ? ` (${bytes(request.user_bytes)})` : ""}: the configuration says <code>keep_text: false</code>.</p>}
      {request?.truncated && <p class="quiet">Only its beginning is kept.</p>}
      {decision.outcome === "ok" && <Judge decision={decision.id} />}
      {decision.notes?.map((note) => <Notice key={note}>{note}</Notice>)}
    </Section>
  );
}

function ReplayPanel({decision}: {decision: Decision}) {
  const [replay, setReplay] = useState<Replay | null>(null);
  const action = useAction();
  const run = () => action.run(async () => {
    setReplay(await call<Replay>("POST", `/api/v1/decisions/${decision.id}/replay`, {body: {}}));
  });
  const found = replay ? differences(replay.then, replay.now) : [];
  return (
    <Section title="Decided again" aside={<button class="small" disabled={action.busy} onClick={() => void run()}>Replay with what is known today</button>}>
      <ErrorNotice error={action.error} />
      {!replay && <p class="quiet">Decides the same request with today's experts, profiles and policies. No expert is called.</p>}
      {replay && !found.length && <p>Nothing would be different (revision {replay.then.revision} then, {replay.now.revision} today).</p>}
      {found.length > 0 && (
        <>
          <p>{replay!.same_expert ? "The same expert would be asked first." : "Another expert would be asked first."} Only what differs is shown.</p>
          <div class="diff">
            <strong>What</strong><strong>Then, revision {replay!.then.revision}</strong><strong>Today, revision {replay!.now.revision}</strong>
            {found.map((one) => [<span key={one.what} dir="auto">{one.what}</span>, <span key={one.what + "t"} class="was">{one.then}</span>, <span key={one.what + "n"}>{one.now}</span>])}
          </div>
        </>
      )}
    </Section>
  );
}
