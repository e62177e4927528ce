// From nothing to a routed question: what is done, and what comes next.
import {useState} from "preact/hooks";
import {usePage} from "../lib/page";
import type {Backend, DecisionRow, Expert} from "../lib/types";
import {BackendForm} from "../forms/backend";
import {ExpertForm} from "../forms/expert";
import {reloadAll} from "../lib/api";
import {Section} from "../ui/basics";

const EXAMPLE = "How many days are there between 3 March 2021 and 25 December 2024?";

export function Welcome({backends, experts, newest}: {
  backends: Backend[]; experts: Expert[]; newest: DecisionRow | undefined;
}) {
  const page = usePage();
  const [form, setForm] = useState<"backend" | "expert" | null>(null);
  const models = experts.filter((expert) => expert.kind === "llm");
  if (backends.length && models.length && newest) return null;
  const done = [backends.length > 0, models.length > 0, Boolean(newest), false];
  const next = done.indexOf(false);
  const mark = (index: number) => (done[index] ? "done" : index === next ? "next" : "");
  const close = () => {
    setForm(null);
    reloadAll();
  };
  return (
    <Section title="Start here">
      <ol class="steps">
        <li class={mark(0)}>
          <strong>Add a model server</strong>
          <span>Ollama, vLLM, llama.cpp, LM Studio, OpenAI, Anthropic, or anything that speaks OpenAI's API.</span>
          <span class="go"><button class={next === 0 ? "primary" : ""} onClick={() => setForm("backend")}>Add a model server</button></span>
        </li>
        <li class={mark(1)}>
          <strong>Add an expert</strong>
          <span>A model of that server, under a name that clients and routing use. The built-in tools (arithmetic, dates, units, text) are there already.</span>
          <span class="go"><button class={next === 1 ? "primary" : ""} disabled={!backends.length} onClick={() => setForm("expert")}>Add an expert</button></span>
        </li>
        <li class={mark(2)}>
          <strong>Ask something</strong>
          <span>moerge picks the expert that should do best.</span>
          <span class="go"><a class={next === 2 ? "button primary" : "button"} href={page.href("/playground") + "#" + new URLSearchParams({q: EXAMPLE})}>Open the playground</a></span>
        </li>
        <li class={mark(3)}>
          <strong>See why</strong>
          <span>Each request keeps its decision: skills, candidates, calls, cost.</span>
          <span class="go">{newest ? <a class="button" href={page.href(`/requests/${newest.id}`)}>The newest decision</a> : <a class="button" href={page.href("/requests")}>Requests</a>}</span>
        </li>
      </ol>
      {form === "backend" && <BackendForm onClose={close} />}
      {form === "expert" && <ExpertForm backends={backends} onClose={close} />}
    </Section>
  );
}
