// What was expected against what happened: on the diagonal a forecast is right. Below it, how many rows each
// point stands for.
import {count, percent} from "../lib/format";
import {linear} from "../lib/scale";
import type {Calibration} from "../lib/report";
import {useWidth} from "./width";

const SIDE = 260, LEFT = 44, TOP = 10, COUNTS = 46, BOTTOM = 36, RIGHT = 12;

export function CalibrationChart({data, label}: {data: Calibration; label: string}) {
  const [full, attach] = useWidth();
  const width = Math.min(full, 460);
  const bins = data.bins.filter((bin) => bin.predicted != null && bin.happened != null);
  const x = linear([0, 1], [LEFT, width - RIGHT]), y = linear([0, 1], [SIDE, TOP]);
  const most = Math.max(1, ...bins.map((bin) => bin.rows));
  const foot = SIDE + 16 + COUNTS;
  const words = bins.map((bin) => `expected ${percent(bin.predicted)}, happened ${percent(bin.happened)} of ${count(bin.rows)}`).join("; ");
  return (
    <svg class="picture calibration" ref={attach} viewBox={`0 0 ${full} ${foot + BOTTOM}`} role="img" aria-label={`${label}: ${words}`}>
      {[0, 0.25, 0.5, 0.75, 1].map((tick) => (
        <g key={tick}>
          <line class="guide" x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} />
          <text class="quiet" x={LEFT - 6} y={y(tick) + 4} text-anchor="end">{percent(tick)}</text>
          <text class="quiet" x={x(tick)} y={foot + 16} text-anchor="middle">{percent(tick)}</text>
        </g>
      ))}
      <line class="axis" x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} />
      <polyline class="stroke-plain" points={bins.map((bin) => `${x(bin.predicted!)},${y(bin.happened!)}`).join(" ")} />
      {bins.map((bin) => (
        <g key={bin.predicted}>
          <circle cx={x(bin.predicted!)} cy={y(bin.happened!)} r="5" class="fill-info"><title>{`expected ${percent(bin.predicted)}, happened ${percent(bin.happened)}, ${count(bin.rows)} rows`}</title></circle>
          <rect x={x(bin.predicted!) - 5} width="10" y={foot - (bin.rows / most) * COUNTS} height={Math.max(1, (bin.rows / most) * COUNTS)} class="fill-plain"><title>{`${count(bin.rows)} rows`}</title></rect>
        </g>
      ))}
      <text class="quiet" x={(LEFT + width - RIGHT) / 2} y={foot + 32} text-anchor="middle">expected; rows below</text>
      <text class="quiet" x={LEFT + 4} y={TOP + 8}>happened</text>
    </svg>
  );
}
