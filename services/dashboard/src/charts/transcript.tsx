// A debate as it went: round by round what each side said, and who changed its mind.
import {cut, milliseconds, usd} from "../lib/format";
import type {Answer} from "../lib/types";
import {Badge} from "../ui/basics";
import {Role, Said} from "./votes";

export interface Turn {
  said: Answer;
  changed: boolean;  // another answer than the same expert's one before
}

export interface Round {
  title: string;
  turns: Turn[];
}

const SIDES = ["answer", "rebuttal"];

export const isDebate = (answers: Answer[]) => answers.some((one) => one.role === "rebuttal");

// Openings, rounds of rebuttals, and what others said of them at the end. Pure.
export function roundsOf(answers: Answer[]): Round[] {
  const rounds: Round[] = [];
  const before = new Map<string, Answer[]>();
  const rest: Turn[] = [];
  for (const said of answers) {
    if (!SIDES.includes(said.role)) {
      rest.push({said, changed: false});
      continue;
    }
    const own = before.get(said.expert) ?? [];
    const index = own.length;
    const round = (rounds[index] ??= {title: index ? `Round ${index}: rebuttals` : "Openings", turns: []});
    const last = own.at(-1);
    round.turns.push({said, changed: last != null && said.answer != null && last.answer !== said.answer});
    before.set(said.expert, [...own, said]);
  }
  if (rest.length) rounds.push({title: "Verdict", turns: rest});
  return rounds;
}

export function Transcript({answers}: {answers: Answer[]}) {
  return (
    <ol class="transcript">
      {roundsOf(answers).map((round) => (
        <li key={round.title}>
          <h3>{round.title}</h3>
          <div class="columns">
            {round.turns.map(({said, changed}, index) => (
              <div key={index} class={`vote ${said.won ? "won" : ""}`}>
                <div class="row spread">
                  <strong dir="auto">{said.expert}</strong>
                  <span>{changed && <Badge tone="warn">changed its mind</Badge>} {said.won && <Badge tone="good">returned</Badge>} <span class="quiet">{!SIDES.includes(said.role) && <><Role value={said.role} />, </>}{milliseconds(said.ms)}, {usd(said.cost_usd)}</span></span>
                </div>
                {said.answer != null && <div class="answer" dir="auto">{cut(said.answer, 200)}</div>}
                <Said text={said.text} most={400} />
              </div>
            ))}
          </div>
        </li>
      ))}
    </ol>
  );
}
