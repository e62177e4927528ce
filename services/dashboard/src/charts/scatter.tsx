// Quality against cost: points with their intervals, what nothing beats joined by a line.
import {decades, linear, logarithmic, ticks} from "../lib/scale";
import {percent} from "../lib/format";
import {paretoFront} from "../lib/stats";
import {useWidth} from "./width";

export interface CostPoint {
  name: string;
  cost: number;  // 0: shown at the left edge
  value: number;
  low?: number;
  high?: number;
}

const MOST = 200, MOST_NAMES = 30;  // points drawn, and named beside them
const HEIGHT = 300, LEFT = 44, RIGHT = 90, TOP = 12, BOTTOM = 42;

// `references`: levels that need no place on the axis, such as what no choice can beat.
export function Scatter({points: all, unit, label, line, references = []}: {
  points: CostPoint[]; unit: string; label: string; line?: {cost: number; value: number}[]; references?: {name: string; value: number}[];
}) {
  const [width, attach] = useWidth();
  // Of many the front and the best: a cloud of names says nothing.
  const best = all.length > MOST ? [...new Set([...paretoFront(all), ...[...all].sort((a, b) => b.value - a.value)])].slice(0, MOST) : all;
  const named = new Set((best.length > MOST_NAMES ? [...paretoFront(best), ...best].slice(0, MOST_NAMES) : best).map((point) => point.name));
  const points = best as CostPoint[];
  const costs = [...points, ...(line ?? [])].map((point) => point.cost);
  const known = costs.filter((cost) => cost > 0);
  const low = known.length ? Math.min(...known) : 0.01, high = known.length ? Math.max(...known) : 1;
  const floor = costs.some((cost) => cost <= 0) ? low / 3 : low / 1.3;
  const x = logarithmic([floor, high * 1.3], [LEFT, width - RIGHT], floor);
  const y = linear([0, 1], [HEIGHT - BOTTOM, TOP]);
  const front = line ?? paretoFront(points);
  return (
    <svg class="picture" ref={attach} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={`${label}: ${points.slice(0, MOST_NAMES).map((point) => `${point.name} ${percent(point.value)}`).join(", ")}`}>
      {ticks(0, 1, 5).map((tick) => (
        <g key={tick}><line class="guide" x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} /><text class="quiet" x={LEFT - 6} y={y(tick) + 4} text-anchor="end">{percent(tick)}</text></g>
      ))}
      {decades(floor, high * 1.3).filter((tick) => tick >= floor && tick <= high * 1.3).map((tick) => (
        <g key={tick}><line class="axis" x1={x(tick)} x2={x(tick)} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM + 5} /><text class="quiet" x={x(tick)} y={HEIGHT - BOTTOM + 18} text-anchor="middle">{tick}</text></g>
      ))}
      {costs.some((cost) => cost <= 0) && <text class="quiet" x={LEFT} y={HEIGHT - BOTTOM + 18} text-anchor="middle">0</text>}
      <text class="quiet" x={(LEFT + width - RIGHT) / 2} y={HEIGHT - 6} text-anchor="middle">{unit}, logarithmic</text>
      {references.map((one) => (
        <g key={one.name}><line x1={LEFT} x2={width - RIGHT} y1={y(one.value)} y2={y(one.value)} stroke="var(--good)" stroke-dasharray="6 4" /><text class="quiet" x={width - RIGHT} y={y(one.value) - 4} text-anchor="end">{`${one.name} ${percent(one.value)}`}</text></g>
      ))}
      <polyline class="stroke-plain" points={front.map((point) => `${x(point.cost)},${y(point.value)}`).join(" ")} />
      {points.map((point) => (
        <g key={point.name}>
          {point.low != null && point.high != null && <line x1={x(point.cost)} x2={x(point.cost)} y1={y(point.low)} y2={y(point.high)} stroke="var(--accent)" stroke-width="2" opacity=".55" />}
          <circle cx={x(point.cost)} cy={y(point.value)} r="5" class="fill-info"><title>{`${point.name}: ${percent(point.value)}, ${point.cost} ${unit}`}</title></circle>
          {named.has(point.name) && <text x={x(point.cost) + 8} y={y(point.value) + 4}>{point.name.slice(0, 24)}</text>}
        </g>
      ))}
    </svg>
  );
}
