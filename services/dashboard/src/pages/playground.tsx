// A request, decided and answered before one's eyes; up to three policies side by side.
import {useEffect, useRef, useState} from "preact/hooks";
import {ask, decide, newRun, type Question, type Run} from "../lib/ask";
import {wordsOf} from "../lib/api";
import {useLoad} from "../lib/load";
import {usePage} from "../lib/page";
import {parseShare, shareText} from "../lib/query";
import type {Expert, List, Policy} from "../lib/types";
import {Field, PageHead, Section} from "../ui/basics";
import {RunView} from "./playground-run";

const MOST = 3;
const EXAMPLES = [
  "How many days are there between 3 March 2021 and 25 December 2024?",
  "Solve for x: 4x - 9 = 2x + 15.",
  "Who wrote The Tale of Genji, and when?",
];

function useChoices(): {policies: string[]; experts: string[]} {
  const policies = useLoad<List<Policy>>("/api/v1/policies?limit=1000");
  const experts = useLoad<List<Expert>>("/api/v1/experts?limit=1000");
  const names = (policies.data?.data ?? []).map((policy) => (policy.name === "auto" ? "auto" : `moerge/${policy.name}`));
  return {policies: names.length ? names : ["auto"], experts: (experts.data?.data ?? []).map((expert) => expert.name)};
}

function PolicySelect({value, label, choices, onChange}: {
  value: string; label: string; choices: ReturnType<typeof useChoices>; onChange: (value: string) => void;
}) {
  const known = choices.policies.includes(value) || choices.experts.includes(value);
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      {!known && <option value={value}>{value}</option>}
      <optgroup label="Policies">{choices.policies.map((name) => <option key={name} value={name}>{name}</option>)}</optgroup>
      <optgroup label="One expert, without routing">{choices.experts.map((name) => <option key={name} value={name}>{name}</option>)}</optgroup>
    </select>
  );
}

export default function Playground() {
  const page = usePage();
  const shared = useRef(parseShare(location.hash));
  const [user, setUser] = useState(shared.current?.user ?? "");
  const [system, setSystem] = useState(shared.current?.system ?? "");
  const [policies, setPolicies] = useState(shared.current?.policies.length ? shared.current.policies : ["auto"]);
  const [maxTokens, setMaxTokens] = useState("");
  const [runs, setRuns] = useState<Run[]>([]);
  const [copied, setCopied] = useState<string | null>(null);
  const cancel = useRef<AbortController | null>(null);
  const choices = useChoices();
  useEffect(() => () => cancel.current?.abort(), []);

  const start = (answer: boolean) => {
    if (!user.trim()) return;
    cancel.current?.abort();
    const own = (cancel.current = new AbortController());
    history.replaceState(null, "", location.pathname + location.search + shareText({policies, user, system}));
    setRuns(policies.map(newRun));
    policies.forEach((policy, index) => {
      const change = (patch: (run: Run) => Run) => {
        if (cancel.current === own) setRuns((old) => old.map((run, at) => (at === index ? patch(run) : run)));
      };
      const question: Question = {policy, user, system, maxTokens: Number(maxTokens) || null};
      void runOne(question, answer, own.signal, change);
    });
  };
  const busy = runs.some((run) => run.state === "deciding" || run.state === "asking");
  const share = async () => {
    const link = location.origin + "/ui/playground" + shareText({policies, user, system});
    try {
      await navigator.clipboard.writeText(link);
      setCopied("Copied. The link holds the request and the policies, no key.");
    } catch {
      setCopied(link);
    }
  };
  return (
    <>
      <PageHead title="Playground">
        <button disabled={!user} onClick={() => void share()}>Copy a link</button>
      </PageHead>
      {copied && <p class="quiet" role="status">{copied}</p>}
      <Section title="Request">
        <form onSubmit={(event) => { event.preventDefault(); start(true); }}>
          <Field label="Question">
            <textarea rows={4} dir="auto" data-search value={user} placeholder="Type or paste a request" onInput={(event) => setUser(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) start(true);
              }} />
          </Field>
          {!user && <p class="row quiet">For example: {EXAMPLES.map((text) => <button type="button" key={text} class="link" onClick={() => setUser(text)}>{text}</button>)}</p>}
          <details open={Boolean(system)}>
            <summary>System prompt and limit</summary>
            <Field label="System prompt"><textarea rows={2} dir="auto" value={system} onInput={(event) => setSystem(event.currentTarget.value)} /></Field>
            <Field label="Most tokens of the answer"><input type="number" min="1" value={maxTokens} placeholder="the expert's own" onInput={(event) => setMaxTokens(event.currentTarget.value)} /></Field>
          </details>
          <div class="row">
            {policies.map((policy, index) => (
              <span key={index} class="row">
                <PolicySelect value={policy} choices={choices} label={index ? `Compare with, number ${index}` : "Policy or expert"}
                  onChange={(value) => setPolicies(policies.map((old, at) => (at === index ? value : old)))} />
                {index > 0 && <button type="button" class="small" aria-label={`Do not compare with ${policy}`} onClick={() => setPolicies(policies.filter((_, at) => at !== index))}>✕</button>}
              </span>
            ))}
            {policies.length < MOST && <button type="button" onClick={() => setPolicies([...policies, choices.policies.find((name) => !policies.includes(name)) ?? "auto"])}>Compare with another</button>}
            <button type="submit" class="primary" disabled={busy || !user.trim()} title="Ctrl Enter">Ask</button>
            <button type="button" disabled={busy || !user.trim()} onClick={() => start(false)}>Only decide</button>
            {busy && <button type="button" onClick={() => cancel.current?.abort()}>Stop</button>}
          </div>
        </form>
      </Section>
      {!runs.length && <p class="quiet"><b>Ask</b> shows the decision, then the answer as it arrives. <b>Only decide</b> calls no expert and costs nothing.</p>}
      <div class={runs.length > 1 ? "columns" : ""}>
        {runs.map((run, index) => <RunView key={index} run={run} alone={runs.length === 1} href={page.href} />)}
      </div>
    </>
  );
}

async function runOne(question: Question, answer: boolean, signal: AbortSignal, change: (patch: (run: Run) => Run) => void): Promise<void> {
  try {
    const decision = await decide(question, signal);
    change((run) => ({...run, decision, state: answer ? "asking" : "decided"}));
  } catch (error) {
    if (!answer || signal.aborted) {
      change((run) => ({...run, state: "failed", error: signal.aborted ? "Stopped." : wordsOf(error)}));
      return;
    }
    change((run) => ({...run, state: "asking"}));  // the answer's own error says more
  }
  if (answer) await ask(question, signal, change);
}
