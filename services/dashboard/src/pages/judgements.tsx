// What people said of answers: whether they were right, and whether they helped, side by side.
import {count, percent, plural} from "../lib/format";
import {useLoad} from "../lib/load";
import {usePage} from "../lib/page";
import {wilson} from "../lib/stats";
import type {FeedbackFigures, FeedbackSummary, JudgedShare} from "../lib/types";
import {ErrorNotice} from "../ui/basics";
import {exportRows, Exports, Table, type Column} from "../ui/table";
import {IntervalBar} from "./expert-card";

const meanOf = (judged: JudgedShare) => (judged.judged ? judged.sum / judged.judged : null);

function Share({judged, label}: {judged: JudgedShare; label: string}) {
  const mean = meanOf(judged);
  if (mean == null) return <span class="quiet">not said</span>;
  return <span class="judged"><IntervalBar {...wilson(judged.sum, judged.judged)} label={`${label}: ${percent(mean)}`} /> {percent(mean)} <span class="quiet">of {count(judged.judged)}</span></span>;
}

export const correlationText = (figures: FeedbackFigures) => (figures.correlation == null ? "" : figures.correlation.toFixed(2));

export function Judgements() {
  const page = usePage();
  const open = page.query["judged"] === "open";
  const loaded = useLoad<FeedbackSummary>(open ? "/api/v1/feedback/summary" : null);
  const rows = loaded.data?.experts ?? [], all = loaded.data?.all;
  const columns: Column<FeedbackFigures>[] = [
    {key: "expert", title: "Expert", value: (row) => row.expert, show: (row) => <span dir="auto">{row.expert}</span>},
    {key: "right", title: "Right", value: (row) => meanOf(row.correctness), show: (row) => <Share judged={row.correctness} label={`${row.expert} right`} />},
    {key: "helped", title: "Helped", value: (row) => meanOf(row.helpfulness), show: (row) => <Share judged={row.helpfulness} label={`${row.expert} helped`} />},
    {key: "both", title: "Both said", number: true, wide: true, value: (row) => row.both},
    {key: "correlation", title: "Correlation", number: true, wide: true, value: (row) => row.correlation, show: (row) => correlationText(row) || <span class="quiet">–</span>},
  ];
  return (
    <details class="panel" open={open} onToggle={(event) => {
      if (event.currentTarget.open !== open) page.set({judged: event.currentTarget.open ? "open" : undefined});
    }}>
      <summary><strong>What people said of answers</strong> <span class="quiet">right and helpful, by expert</span></summary>
      <ErrorNotice error={loaded.error} retry={loaded.reload} />
      {all && !rows.length && <p class="quiet">Nobody has judged an answer yet. Open a request, or ask in the <a href={page.href("/playground")}>playground</a>, and say whether the answer was right and whether it helped.</p>}
      {all && rows.length > 0 && <>
        <p>Of the newest judgements, whatever the time above. Right answers are evidence for routing; helping is counted apart.{" "}
          {all.correlation != null && <>Of {plural(all.both, "judgement")} that {all.both === 1 ? "says" : "say"} both, the two go together with a correlation of {correlationText(all)} (1: always, 0: not at all).</>}</p>
        <Table label="Judgements by expert" columns={columns} rows={rows} keyOf={(row) => row.expert ?? ""} />
        <Exports name="moerge-judgements" rows={() => exportRows(columns, rows)} />
      </>}
    </details>
  );
}
