// Quality against cost from what is measured; tables of results in and out.
import {useState} from "preact/hooks";
import {Scatter} from "../charts/scatter";
import {ImportForm} from "../forms/import";
import {call, reloadAll, send} from "../lib/api";
import {sourcesOf, standings, type Source, type Standing} from "../lib/evidence";
import {count, percent, plural} from "../lib/format";
import {JSON_LINES} from "../lib/jsonl";
import {useAction, useLoad} from "../lib/load";
import {usePage} from "../lib/page";
import {namePath} from "../lib/query";
import {parseReport, type Report} from "../lib/report";
import {parseOrder} from "../lib/tables";
import type {Expert, List, Profile} from "../lib/types";
import {Empty, ErrorNotice, Loading, PageHead, Section, Select, Time} from "../ui/basics";
import {Confirm} from "../ui/dialog";
import {download, exportRows, Exports, orderText, Table, type Column} from "../ui/table";
import {ConfusionSection} from "./confusion";
import {IntervalBar} from "./expert-card";
import {Runs} from "./evaluations";
import {ReportView} from "./report";

export default function Evaluation() {
  const page = usePage();
  const profiles = useLoad<List<Profile>>("/api/v1/profiles?limit=1000");
  const experts = useLoad<List<Expert>>("/api/v1/experts?limit=1000");
  const [importing, setImporting] = useState(false);
  const [forgetting, setForgetting] = useState<Source | null>(null);
  const fetching = useAction();
  const all = profiles.data?.data ?? [];
  const skill = page.query["skill"] ?? "";
  const skills = [...new Set(all.flatMap((profile) => profile.measured.map((one) => one.skill)))].sort();
  const board = standings(all, experts.data?.data ?? [], skill || null);
  const sources = sourcesOf(all);
  const exportProfile = () => fetching.run(async () => {
    download("moerge-profiles.jsonl", JSON_LINES, await (await send("GET", "/api/v1/profiles/export?observations=true")).text());
  });
  return (
    <>
      <PageHead title="Evaluation">
        <button disabled={fetching.busy || !sources.length} onClick={() => void exportProfile()}>Export all evidence</button>
        <button class="primary" onClick={() => setImporting(true)}>Import results</button>
      </PageHead>
      <ErrorNotice error={profiles.error ?? experts.error ?? fetching.error} retry={profiles.reload} />
      {!profiles.data && profiles.loading && <Loading />}
      {profiles.data && !sources.length && (
        <Section title="Nothing is measured yet">
          <Empty title="Routing goes by what experts claim.">
            <p>Run an evaluation below: your experts are asked questions whose answers you know. Or import a table of results: one row per question with each expert's score. Or judge answers in the <a href={page.href("/playground")}>playground</a>; each judgement is evidence.</p>
            <button class="primary" onClick={() => setImporting(true)}>Import results</button>
          </Empty>
        </Section>
      )}
      {board.length > 0 && <Board board={board} skill={skill} skills={skills} />}
      {sources.length > 0 && <Sources sources={sources} onForget={setForgetting} />}
      <Runs />
      <ConfusionSection />
      <Reports />
      {importing && <ImportForm onClose={() => { setImporting(false); reloadAll(); }} />}
      {forgetting && <Confirm title={`Forget ${forgetting.source}?`} verb="Forget it" onClose={() => setForgetting(null)}
        act={async () => { await call("DELETE", `/api/v1/profile-sources/${namePath(forgetting.source)}`); reloadAll(); }}>
        <p>{plural(Math.round(forgetting.trials), "trial")} about {plural(forgetting.experts, "expert")} no longer count. Importing the table again brings them back.</p>
      </Confirm>}
    </>
  );
}

// Reports that the command line wrote; they are read here and go nowhere.
function Reports() {
  const [report, setReport] = useState<Report | null>(null);
  const action = useAction();
  const read = (file: File | undefined) => file && void action.run(async () => setReport(parseReport(await file.text())));
  return (
    <>
      <Section title="Reports">
        <p>Every policy against single experts and an oracle, on recorded results: <code>moerge eval --train results.jsonl.gz --json report.json</code>. Open a report to see accuracy against cost, and how well forecasts hold.</p>
        <label class="row">Report <input type="file" accept=".json" onChange={(event) => read(event.currentTarget.files?.[0])} /></label>
        <ErrorNotice error={action.error} />
      </Section>
      {report && <ReportView report={report} />}
    </>
  );
}

function Board({board, skill, skills}: {board: Standing[]; skill: string; skills: string[]}) {
  const page = usePage();
  const columns: Column<Standing>[] = [
    {key: "name", title: "Expert", value: (row) => row.name, show: (row) => <a href={page.href("/experts", {open: row.name})} dir="auto">{row.name}</a>},
    {key: "mean", title: "Right", number: true, value: (row) => row.mean, show: (row) => percent(row.mean)},
    {key: "interval", title: "90 % interval", wide: true, sortable: false, value: (row) => `${row.low.toFixed(3)}-${row.high.toFixed(3)}`,
      show: (row) => <IntervalBar {...row} label={`${row.name}: ${percent(row.low)} to ${percent(row.high)}`} />},
    {key: "trials", title: "Trials", number: true, value: (row) => row.trials, show: (row) => count(Math.round(row.trials))},
    {key: "price", title: "USD per M tokens", number: true, value: (row) => row.price, show: (row) => (row.price ? row.price.toPrecision(3) : "0")},
  ];
  return (
    <Section title="Quality against cost" aside={<><Select label="Skill" value={skill} options={[["", "all skills"], ...skills]} onChange={(value) => page.set({skill: value})} /><Exports name="moerge-standings" rows={() => exportRows(columns, board)} /></>}>
      <div class="grid2">
        <figure>
          <Scatter label="Quality against price" unit="USD per million tokens" points={board.map((one) => ({name: one.name, cost: one.price, value: one.mean, low: one.low, high: one.high}))} />
          <figcaption class="quiet">Vertical lines are 90 % intervals. The line joins experts that none is both better and cheaper than. Price is the mean of input and output.</figcaption>
        </figure>
        <Table label="Standings" columns={columns} rows={board} keyOf={(row) => row.name} order={parseOrder(page.query["order"], {key: "mean", down: true})}
          onOrder={(order) => page.set({order: orderText(order)})} />
      </div>
    </Section>
  );
}

function Sources({sources, onForget}: {sources: Source[]; onForget: (source: Source) => void}) {
  const columns: Column<Source>[] = [
    {key: "source", title: "Source", value: (row) => row.source}, {key: "experts", title: "Experts", number: true, wide: true, value: (row) => row.experts},
    {key: "skills", title: "Skills", number: true, wide: true, value: (row) => row.skills},
    {key: "trials", title: "Trials", number: true, value: (row) => row.trials, show: (row) => count(Math.round(row.trials * 10) / 10)},
    {key: "updated", title: "Newest", value: (row) => row.updated, show: (row) => <Time at={row.updated} />},
    {key: "act", title: "", value: () => null, show: (row) => <button class="small danger" onClick={() => onForget(row)}>Forget</button>},
  ];
  return <Section title="Where the evidence is from"><Table label="Sources" columns={columns} rows={sources} keyOf={(row) => row.source} /></Section>;
}
