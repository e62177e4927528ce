// A report of an evaluation: accuracy against cost or calls, the leaderboard, calibration.
import {useState} from "preact/hooks";
import {CalibrationChart} from "../charts/calibration";
import {Scatter} from "../charts/scatter";
import {count, percent, plural} from "../lib/format";
import {marksOf, referencesOf, type Axis, type Report, type ReportRow} from "../lib/report";
import {parseOrder, type Order} from "../lib/tables";
import {Notice, Section, Select} from "../ui/basics";
import {exportRows, Exports, Table, type Column} from "../ui/table";
import {IntervalBar} from "./expert-card";

const AXES: [Axis, string][] = [["price", "against price"], ["calls", "against calls"]];
const UNITS = {price: "USD per million tokens", calls: "calls a question"};

const COLUMNS: Column<ReportRow>[] = [
  {key: "name", title: "Policy or baseline", value: (row) => row.name, show: (row) => <span title={row.note}>{row.name} {row.kind === "baseline" && <span class="quiet">baseline</span>}</span>},
  {key: "accuracy", title: "Right", number: true, value: (row) => row.accuracy.mean, show: (row) => percent(row.accuracy.mean)},
  {key: "interval", title: "Interval", wide: true, sortable: false, value: (row) => (row.accuracy.low == null ? null : `${row.accuracy.low}-${row.accuracy.high}`),
    show: (row) => (row.accuracy.mean == null ? "–" : <IntervalBar mean={row.accuracy.mean} {...(row.accuracy.low != null ? {low: row.accuracy.low, high: row.accuracy.high!} : {})} label={`${row.name}: ${percent(row.accuracy.low)} to ${percent(row.accuracy.high)}`} />)},
  {key: "versus", title: "Against best single", number: true, wide: true, value: (row) => row.versus_best_single.mean,
    show: (row) => (row.versus_best_single.mean == null ? "–" : `${row.versus_best_single.mean >= 0 ? "+" : "−"}${(Math.abs(row.versus_best_single.mean) * 100).toFixed(1)} points`)},
  {key: "calls", title: "Calls", number: true, value: (row) => row.calls, show: (row) => row.calls?.toFixed(2) ?? "–"},
  {key: "price", title: "USD per M tokens", number: true, value: (row) => row.price, show: (row) => row.price?.toPrecision(3) ?? "–"},
  {key: "category", title: "Category right", number: true, wide: true, value: (row) => row.category.accuracy, show: (row) => percent(row.category.accuracy)},
  {key: "us", title: "Decision p50", number: true, wide: true, value: (row) => row.decision_us.p50, show: (row) => (row.decision_us.p50 == null ? "–" : `${row.decision_us.p50.toFixed(0)} µs`)},
];

export function ReportView({report}: {report: Report}) {
  const [axis, setAxis] = useState<Axis>("price");
  const [order, setOrder] = useState<Order>(parseOrder("-accuracy", {key: "accuracy", down: true}));
  return (
    <>
      <Section title="Policies against baselines" aside={<><Select label="Drawn against" value={axis} options={AXES} onChange={(value) => setAxis(value as Axis)} /><Exports name="moerge-evaluation" rows={() => exportRows(COLUMNS, report.leaderboard)} /></>}>
        <p class="quiet">{plural(report.questions, "question")} of {report.test ?? report.train}{report.folds ? `, ${report.folds} folds` : ""}; {plural(report.experts.length, "expert")}.</p>
        <Scatter label={`Accuracy ${AXES.find(([key]) => key === axis)![1]}`} unit={UNITS[axis]} points={marksOf(report, axis)} references={referencesOf(report)} />
        <Table label="Leaderboard" columns={COLUMNS} rows={report.leaderboard} keyOf={(row) => row.name} order={order} onOrder={setOrder} />
        {report.unavailable.length > 0 && <p class="quiet">Not run: {report.unavailable.map((one) => `${one.name} (lacks ${one.lacks})`).join(", ")}.</p>}
      </Section>
      <CalibrationPanel report={report} />
    </>
  );
}

function CalibrationPanel({report}: {report: Report}) {
  const known = report.leaderboard.filter((row) => row.expected_score.rows > 0 || row.category_confidence.rows > 0);
  const [name, setName] = useState("");
  const row = known.find((one) => one.name === name) ?? known.find((one) => one.name === "auto") ?? known[0];
  if (!row) return null;
  const words = (data: ReportRow["expected_score"]) => `Calibration error ${percent(data.calibration_error)}, Brier score ${data.brier?.toFixed(3) ?? "–"}, ${count(data.rows)} rows`;
  return (
    <Section title="Calibration" aside={<Select label="Policy" value={row.name} options={known.map((one) => one.name)} onChange={setName} />}>
      <div class="grid2">
        {row.expected_score.rows > 0 && <figure><h3>Expected score of the chosen expert</h3><CalibrationChart data={row.expected_score} label="Expected score against what happened" /><figcaption class="quiet">{words(row.expected_score)}.</figcaption></figure>}
        {row.category_confidence.rows > 0 && <figure><h3>Confidence in the category</h3><CalibrationChart data={row.category_confidence} label="Confidence in the category against how often it was right" /><figcaption class="quiet">{words(row.category_confidence)}. The category was right in {percent(row.category.accuracy)}.</figcaption></figure>}
      </div>
      {row.expected_score.rows > 0 && (row.expected_score.calibration_error ?? 0) > 0.1 && <Notice tone="warn">Forecasts of {row.name} are off by more than ten points: import results that resemble your requests.</Notice>}
    </Section>
  );
}
