// Adding, changing or looking at a skill.
import {useState} from "preact/hooks";
import {call} from "../lib/api";
import {useAction, useEtag} from "../lib/load";
import {namePath} from "../lib/query";
import type {Skill} from "../lib/types";
import {ErrorNotice, Field, Notice} from "../ui/basics";
import {Dialog} from "../ui/dialog";

export function SkillForm({old, onClose}: {old?: Skill; onClose: () => void}) {
  const fixed = old != null && old.origin !== "store";
  const [name, setName] = useState(old?.name ?? "");
  const [category, setCategory] = useState(old?.category ?? "");
  const [description, setDescription] = useState(old?.description ?? "");
  const [examples, setExamples] = useState((old?.examples ?? []).map((text) => text.replaceAll("\n", "\\n")).join("\n"));
  const action = useAction();
  const etag = useEtag(old ? `/api/v1/skills/${namePath(old.name)}` : null);
  const wrong = (param: string) => (action.error?.param?.startsWith(param) ? action.error.message : null);
  const save = () => action.run(async () => {
    const body = {category, description, examples: examples.split("\n").filter((line) => line.trim()).map((line) => line.replaceAll("\\n", "\n"))};
    if (old) await call("PATCH", `/api/v1/skills/${namePath(old.name)}`, {body, ifMatch: etag});
    else await call("POST", "/api/v1/skills", {body: {name, ...body}});
    onClose();
  });
  return (
    <Dialog title={old ? `Skill ${old.name}` : "Add a skill"} onClose={onClose} wide>
      {fixed && <Notice>{old.origin === "file" ? "This skill belongs to the configuration file: change it there, then reload." : "This skill comes with moerge. A skill of the same name in the configuration file replaces it."}</Notice>}
      <form onSubmit={(event) => { event.preventDefault(); void save(); }}>
        <div class="fields">
          {!old && <Field label="Name" error={wrong("name")}><input required value={name} onInput={(event) => setName(event.currentTarget.value)} /></Field>}
          <Field label="Category" error={wrong("category")} help="A coarse group, such as mathematics."><input disabled={fixed} value={category} onInput={(event) => setCategory(event.currentTarget.value)} /></Field>
        </div>
        <Field label="What it is" error={wrong("description")}><textarea disabled={fixed} rows={2} dir="auto" value={description} onInput={(event) => setDescription(event.currentTarget.value)} /></Field>
        <Field label="Examples" error={wrong("examples")} help="Requests that need the skill, one a line (\n for a break inside one). A dozen or more make it recognisable."><textarea readOnly={fixed} rows={9} dir="auto" value={examples} onInput={(event) => setExamples(event.currentTarget.value)} /></Field>
        {action.error && !["name", "category", "description", "examples"].some((param) => action.error?.param?.startsWith(param)) && <ErrorNotice error={action.error} />}
        <footer class="dialog-foot">
          <button type="button" onClick={onClose}>{fixed ? "Close" : "Cancel"}</button>
          {!fixed && <button type="submit" class="primary" disabled={action.busy}>{old ? "Save" : "Add the skill"}</button>}
        </footer>
      </form>
    </Dialog>
  );
}
