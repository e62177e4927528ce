// Adding or changing an expert.
import {useState} from "preact/hooks";
import {call} from "../lib/api";
import {useAction, useEtag, useLoad} from "../lib/load";
import {namePath} from "../lib/query";
import {parseStrengths, strengthsText} from "../lib/strengths";
import type {Backend, Expert, List, Skill} from "../lib/types";
import {ErrorNotice, Field, Select} from "../ui/basics";
import {Dialog} from "../ui/dialog";
import {BackendForm} from "./backend";
import {expertName, ModelPicker, modelsOf, UNKNOWN_STRENGTHS} from "./models";

const KNOWN = ["name", "backend", "model", "description", "context", "max_output", "price", "price.input", "price.output", "memory_gb", "skills", "latency_ms"];

function fieldsOf(old: Expert | undefined, backends: Backend[]) {
  return {
    name: old?.name ?? "", backend: old?.backend ?? backends[0]?.name ?? "", model: old?.model ?? "",
    description: old?.description ?? "", context: old?.context ?? 0, max_output: old?.max_output ?? 0,
    input: old?.price.input ?? 0, output: old?.price.output ?? 0, memory_gb: old?.memory_gb ?? 0,
    latency_ms: old?.latency_ms ?? 0, vision: old?.vision ?? false, function_calling: old?.function_calling ?? true,
    skills: old ? strengthsText(old.skills) : "",
  };
}

type Fields = ReturnType<typeof fieldsOf>;

function bodyOf(fields: Fields, skills: Record<string, number>): Omit<Fields, "input" | "output" | "skills"> & {price: Expert["price"]; skills?: Record<string, number>} {
  const {input, output, skills: _text, ...rest} = fields;
  return {...rest, price: {input, output}, ...(Object.keys(skills).length ? {skills} : {})};
}

export function ExpertForm({old, backends, onClose}: {old?: Expert; backends: Backend[]; onClose: () => void}) {
  const [fields, setFields] = useState(() => fieldsOf(old, backends));
  const [extra, setExtra] = useState<string[]>([]);
  const [adding, setAdding] = useState(false);
  const [strengthError, setStrengthError] = useState<string | null>(null);
  const known = useLoad<List<Skill>>("/api/v1/skills?limit=1000");
  const action = useAction();
  const etag = useEtag(old ? `/api/v1/experts/${namePath(old.name)}` : null);
  const set = (patch: Partial<Fields>) => setFields({...fields, ...patch});
  const wrong = (...params: string[]) => (action.error?.param && params.includes(action.error.param) ? action.error.message : null);
  const number = (key: "context" | "max_output" | "input" | "output" | "memory_gb" | "latency_ms", step = "any") => (
    <input type="number" min="0" step={step} value={fields[key]} onInput={(event) => set({[key]: event.currentTarget.valueAsNumber || 0})} />
  );
  const save = () => {
    const {skills, error} = parseStrengths(fields.skills);
    setStrengthError(error);
    if (error) return;
    void action.run(async () => {
      const body = bodyOf(fields, skills);
      if (old) await call("PATCH", `/api/v1/experts/${namePath(old.name)}`, {body: {...body, name: undefined, skills}, ifMatch: etag});
      else await call("POST", "/api/v1/experts", {body: body.skills || body.description.trim() ? body : {...body, skills: UNKNOWN_STRENGTHS}});
      onClose();
    });
  };
  const names = [...backends.map((backend) => backend.name), ...extra];
  return (
    <Dialog title={old ? `Change ${old.name}` : "Add an expert"} onClose={onClose} wide>
      <form onSubmit={(event) => { event.preventDefault(); save(); }}>
        <div class="fields">
          {!old && <Field label="Name" error={wrong("name")} help="What clients may say as model, and what decisions show.">
            <input required value={fields.name} onInput={(event) => set({name: event.currentTarget.value})} />
          </Field>}
          <Field label="Backend" error={wrong("backend")} help="The server that runs it.">
            <div class="row">
              <Select label="Backend" value={fields.backend} options={names.length ? names : [["", "none yet"]]} onChange={(backend) => set({backend})} />
              <button type="button" class="small" onClick={() => setAdding(true)}>New backend</button>
            </div>
          </Field>
          <Field label="Model" error={wrong("model")} help="What the server calls it, for example llama3.2:3b.">
            <input required value={fields.model} onInput={(event) => set({model: event.currentTarget.value})} />
          </Field>
        </div>
        {fields.backend && <ModelPicker key={fields.backend} single ask={() => modelsOf(fields.backend)} chosen={[fields.model]}
          onChange={([model]) => model != null && set({model, ...(fields.name || old ? {} : {name: expertName(model)})})} />}
        <Field label="Purpose" error={wrong("description")} help="In words. Without strengths below, the skills that it mentions are declared for it.">
          <textarea rows={2} dir="auto" value={fields.description} onInput={(event) => set({description: event.currentTarget.value})} />
        </Field>
        <Field label="Declared strengths" error={strengthError ?? wrong("skills")}
          help={`One skill and its strength from 0 to 1 a line, such as: algebra 0.9. The skill general stands for all others. Measurements outweigh this in time.${old ? "" : " With no purpose and no strength, it gets general 0.5."}${known.data ? ` Known: ${known.data.data.slice(0, 12).map((skill) => skill.name).join(", ")} …` : ""}`}>
          <textarea rows={4} spellcheck={false} value={fields.skills} onInput={(event) => set({skills: event.currentTarget.value})} />
        </Field>
        <div class="fields">
          <Field label="Price of input, USD per M tokens" error={wrong("price", "price.input")}>{number("input")}</Field>
          <Field label="Price of output, USD per M tokens" error={wrong("price.output")}>{number("output")}</Field>
          <Field label="Context, tokens" error={wrong("context")} help="0: unknown">{number("context", "1")}</Field>
          <Field label="Longest answer, tokens" error={wrong("max_output")} help="0: unknown">{number("max_output", "1")}</Field>
          <Field label="Memory, GB" error={wrong("memory_gb")} help="0: unknown">{number("memory_gb")}</Field>
          <Field label="Usual time of an answer, ms" error={wrong("latency_ms")} help="Until it is measured; 0: unknown">{number("latency_ms")}</Field>
        </div>
        <label class="check"><input type="checkbox" checked={fields.vision} onChange={(event) => set({vision: event.currentTarget.checked})} /> reads images</label>
        <label class="check"><input type="checkbox" checked={fields.function_calling} onChange={(event) => set({function_calling: event.currentTarget.checked})} /> calls functions</label>
        {action.error && !KNOWN.includes(action.error.param ?? "") && <ErrorNotice error={action.error} />}
        <footer class="dialog-foot">
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" class="primary" disabled={action.busy}>{old ? "Save" : "Add the expert"}</button>
        </footer>
      </form>
      {adding && <BackendForm onClose={() => setAdding(false)} onSaved={(name) => { setExtra([...extra, name]); set({backend: name}); }} />}
    </Dialog>
  );
}
