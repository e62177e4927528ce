// Keeping an expert from what needs a skill above all, after a look at which recorded requests would go where.
import {useEffect, useState} from "preact/hooks";
import {call, reloadAll} from "../lib/api";
import {useAction} from "../lib/load";
import {usePage} from "../lib/page";
import {namePath} from "../lib/query";
import {rangeFields} from "../lib/time";
import type {Retirement} from "../lib/types";
import {ErrorNotice, Loading, Notice} from "../ui/basics";
import {Dialog} from "../ui/dialog";
import {ImpactView} from "../pages/impact";

export function RetireDialog({expert, skill, onClose}: {expert: string; skill: string; onClose: () => void}) {
  const page = usePage();
  const [preview, setPreview] = useState<Retirement | null>(null);
  const action = useAction();
  const path = `/api/v1/experts/${namePath(expert)}/retire-skill`;
  useEffect(() => {
    const traffic = rangeFields(page.range);
    void action.run(async () => setPreview(await call<Retirement>("POST", `${path}?dry_run=true`, {body: {skill, traffic}})));
  }, [expert, skill]);
  const retire = () => action.run(async () => {
    await call<Retirement>("POST", path, {body: {skill}});
    reloadAll();
    onClose();
  });
  return (
    <Dialog title={`Retire ${skill} from ${expert}`} onClose={onClose} wide>
      <p>Requests that need {skill} above all no longer go to {expert}, whatever is known of it. All other requests stay as they are; asked by its name it still answers. {page.range.label} of recorded requests show what changes:</p>
      {!preview && action.busy && <Loading what="Deciding recorded requests again" />}
      <ErrorNotice error={action.error} />
      {preview?.refused && <Notice tone="warn">{preview.refused}</Notice>}
      {preview?.impact && <ImpactView impact={preview.impact} before="Today" after="Without it" />}
      <footer class="dialog-foot">
        <button onClick={onClose}>Keep it</button>
        <button class="danger" disabled={action.busy || !preview || Boolean(preview.refused)} onClick={() => void retire()}>Retire the skill</button>
      </footer>
    </Dialog>
  );
}
