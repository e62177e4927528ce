// The models that a server says it has, to choose from.
import {useState} from "preact/hooks";
import {get} from "../lib/api";
import {useAction} from "../lib/load";
import {plural} from "../lib/format";
import {namePath} from "../lib/query";
import type {List} from "../lib/types";
import {ErrorNotice} from "../ui/basics";

const MOST = 200;

interface Named {
  name: string;
}

// `ask` gets the list; `chosen` are those that are ticked, or the one that is, where `single`.
export function ModelPicker({ask, chosen, single, onChange}: {
  ask: () => Promise<List<Named>>; chosen: string[]; single?: boolean; onChange: (models: string[]) => void;
}) {
  const [models, setModels] = useState<string[] | null>(null);
  const [find, setFind] = useState("");
  const action = useAction();
  const look = () => action.run(async () => setModels((await ask()).data.map((one) => one.name)));
  const shown = (models ?? []).filter((name) => name.toLowerCase().includes(find.toLowerCase()));
  const turn = (name: string, on: boolean) => onChange(single ? (on ? [name] : []) : on ? [...chosen, name] : chosen.filter((one) => one !== name));
  return (
    <div class="models">
      <button type="button" class="small" disabled={action.busy} onClick={() => void look()}>{action.busy ? "Asking the server …" : "Which models has it?"}</button>
      <ErrorNotice error={action.error} />
      {models && !models.length && <p class="quiet" role="status">The server answers, and has no model.</p>}
      {models && models.length > 0 && <>
        <p class="quiet" role="status">{plural(models.length, "model")}.</p>
        {models.length > 12 && <input type="search" aria-label="Find a model" placeholder="Find a model" value={find} onInput={(event) => setFind(event.currentTarget.value)} />}
        <div class="choices" role="group" aria-label="Models of the server">
          {shown.slice(0, MOST).map((name) => (
            <label key={name} class="check"><input type={single ? "radio" : "checkbox"} name="model" checked={chosen.includes(name)} onChange={(event) => turn(name, event.currentTarget.checked)} /> <span dir="auto">{name}</span></label>
          ))}
        </div>
        {shown.length > MOST && <p class="quiet">{shown.length - MOST} more: search.</p>}
      </>}
    </div>
  );
}

export const modelsOf = (backend: string) => get<List<Named>>(`/api/v1/backends/${namePath(backend)}/models`);

// A name that experts may have, out of a model's. Pure.
export function expertName(model: string): string {
  return model.replace(/[^A-Za-z0-9._:/-]+/g, "-").replace(/^[-/]+/, "").slice(0, 128);
}

// Declared of a model of which nothing is known, as `moerge init` does it: routing never chooses one with no strength at all.
export const UNKNOWN_STRENGTHS = {general: 0.5};
