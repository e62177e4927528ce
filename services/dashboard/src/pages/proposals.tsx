// Skills proposed from free-form labels: built from decisions, reviewed, accepted.
import {useState} from "preact/hooks";
import {call, reloadAll} from "../lib/api";
import {plural, score} from "../lib/format";
import {useAction, useLoad} from "../lib/load";
import type {List, Proposal, ProposalRow, ProposedSkill} from "../lib/types";
import {Badge, ErrorNotice, Field, Loading, Section, Time, Word} from "../ui/basics";
import {Dialog} from "../ui/dialog";
import {Table} from "../ui/table";

export function Proposals() {
  const list = useLoad<List<ProposalRow>>("/api/v1/vocabulary/proposals");
  const [open, setOpen] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const action = useAction();
  const fromDecisions = () => action.run(async () => {
    const made = await call<Proposal>("POST", "/api/v1/vocabulary/proposals", {body: {from: "decisions"}});
    list.reload();
    setOpen(made.id);
  });
  const rows = list.data?.data ?? [];
  return (
    <Section title="Proposals" aside={<><button class="small" disabled={action.busy} onClick={() => void fromDecisions()}>From recorded requests</button><button class="small" onClick={() => setAdding(true)}>From labels</button></>}>
      <ErrorNotice error={list.error ?? action.error} />
      {!rows.length && list.data && <p class="quiet">Labels that people or models give to requests, merged into skills for you to review. Nothing is routed by them before you accept them.</p>}
      {rows.length > 0 && <Table label="Proposals" rows={rows} keyOf={(row) => row.id} columns={[
        {key: "name", title: "Proposal", value: (row) => row.name, show: (row) => <button class="link" onClick={() => setOpen(row.id)}>{row.name || row.id.slice(0, 8)}</button>},
        {key: "status", title: "Status", value: (row) => row.status, show: (row) => <Word of="proposal" value={row.status} />},
        {key: "skills", title: "Skills", number: true, value: (row) => row.skills}, {key: "labels", title: "Labels", number: true, value: (row) => row.labels},
        {key: "created", title: "Made", value: (row) => row.created, show: (row) => <Time at={row.created} />},
      ]} />}
      {open && <Review id={open} onClose={() => { setOpen(null); list.reload(); }} />}
      {adding && <LabelsForm onClose={(id) => { setAdding(false); list.reload(); if (id) setOpen(id); }} />}
    </Section>
  );
}

function LabelsForm({onClose}: {onClose: (id?: string) => void}) {
  const [text, setText] = useState("");
  const action = useAction();
  const save = () => action.run(async () => {
    const labels = text.split("\n").map((line) => line.trim()).filter(Boolean);
    const made = await call<Proposal>("POST", "/api/v1/vocabulary/proposals", {body: {labels}});
    onClose(made.id);
  });
  return (
    <Dialog title="Propose skills from labels" onClose={() => onClose()}>
      <form onSubmit={(event) => { event.preventDefault(); void save(); }}>
        <Field label="Labels" help="One a line, in your own words; the same one again counts again."><textarea required rows={8} dir="auto" value={text} onInput={(event) => setText(event.currentTarget.value)} /></Field>
        <ErrorNotice error={action.error} />
        <footer class="dialog-foot"><button type="submit" class="primary" disabled={action.busy || !text.trim()}>Propose</button></footer>
      </form>
    </Dialog>
  );
}

function Review({id, onClose}: {id: string; onClose: () => void}) {
  const loaded = useLoad<Proposal>(`/api/v1/vocabulary/proposals/${id}`);
  const action = useAction();
  const proposal = loaded.data;
  const act = (path: string, body: unknown, method = "POST") => action.run(async () => {
    await call(method, `/api/v1/vocabulary/proposals/${id}${path}`, {body});
    if (path) reloadAll();
    loaded.reload();
  });
  const left = proposal?.skills.filter((skill) => !skill.accepted) ?? [];
  return (
    <Dialog title={proposal?.name || "Proposed skills"} onClose={onClose} wide>
      {!proposal && loaded.loading && <Loading />}
      <ErrorNotice error={loaded.error ?? action.error} />
      {proposal && <>
        <p><Word of="proposal" value={proposal.status} /> {plural(proposal.labels, "label")}, <Time at={proposal.created} />{proposal.left_out.length ? `; left out: ${proposal.left_out.join(", ")}` : ""}</p>
        {proposal.skills.map((skill) => <Proposed key={skill.name} skill={skill} open={proposal.status === "open"} busy={action.busy}
          accept={() => void act("/accept", {skills: [skill.name]})} change={(change) => void act("", {skills: [{skill: skill.name, ...change}]}, "PATCH")} />)}
        {!proposal.skills.length && <p class="quiet">No skill came out of these labels.</p>}
        {proposal.status === "open" && <footer class="dialog-foot">
          <button class="danger" disabled={action.busy} onClick={() => void act("/reject", {})}>Reject</button>
          <button class="primary" disabled={action.busy || !left.length} onClick={() => void act("/accept", {})}>Accept {plural(left.length, "skill")}</button>
        </footer>}
      </>}
    </Dialog>
  );
}

function Proposed({skill, open, busy, accept, change}: {
  skill: ProposedSkill; open: boolean; busy: boolean; accept: () => void; change: (change: Record<string, unknown>) => void;
}) {
  const [name, setName] = useState(skill.name);
  return (
    <div class="vote">
      <div class="row spread">
        <strong dir="auto">{skill.name}</strong>
        <span class="quiet">given {plural(skill.count, "time")}{skill.cohesion != null ? `, alike ${score(skill.cohesion)}` : ""}{skill.into ? `, into ${skill.into}` : ""}</span>
      </div>
      <div class="quiet" dir="auto">{skill.labels.join(", ")}</div>
      {skill.accepted ? <Badge tone="good">accepted as {skill.accepted}</Badge> : open && (
        <div class="row">
          <input aria-label={`New name of ${skill.name}`} value={name} onInput={(event) => setName(event.currentTarget.value)} />
          <button class="small" disabled={busy || name === skill.name || !name} onClick={() => change({name})}>Rename</button>
          <button class="small" disabled={busy} onClick={accept}>Accept</button>
          <button class="small danger" disabled={busy} onClick={() => change({drop: true})}>Drop</button>
        </div>
      )}
    </div>
  );
}
