// The answers of several experts, as the aggregate counted them: one block per distinct answer.
import {cut, milliseconds, percent, usd} from "../lib/format";
import type {Answer} from "../lib/types";
import {wordOf} from "../lib/words";
import {Badge, Bar, Outside} from "../ui/basics";

export interface Block {
  answer: string;
  weight: number;
  won: boolean;
  members: Answer[];
}

// By weight, the heaviest first. Pure.
export function blocksOf(answers: Answer[]): Block[] {
  const blocks = new Map<string, Block>();
  for (const one of answers) {
    const key = one.answer ?? "";
    const block = blocks.get(key) ?? {answer: key, weight: 0, won: false, members: []};
    block.weight += one.weight;
    block.won ||= one.won;
    block.members.push(one);
    blocks.set(key, block);
  }
  return [...blocks.values()].sort((a, b) => b.weight - a.weight);
}

// What an expert answered, where texts are kept.
export function Said({text, most}: {text: string | null; most?: number}) {
  return text == null ? <p class="quiet">The text was not kept.</p> : <Outside text={text} {...(most ? {most} : {})} />;
}

// What it was asked for.
export function Role({value}: {value: string}) {
  const {text, why} = wordOf("role", value);
  return <span title={why || undefined}>{text}</span>;
}

export function Votes({answers}: {answers: Answer[]}) {
  const blocks = blocksOf(answers);
  const all = blocks.reduce((sum, block) => sum + block.weight, 0);
  return (
    <div class="votes">
      {blocks.map((block) => (
        <div key={block.answer} class={`vote ${block.won ? "won" : ""}`}>
          <div class="row spread">
            <span class="answer" dir="auto">{block.answer ? cut(block.answer, 200) : "no final answer stated"}</span>
            <span>{block.won && <Badge tone="good">returned</Badge>} {all > 0 && <span class="quiet">{percent(block.weight / all)} of the weight</span>}</span>
          </div>
          {all > 0 && <Bar value={block.weight / all} label={`${percent(block.weight / all)} of the weight`} tone={block.won ? "good" : "plain"} />}
          <div class="seats">
            {block.members.map((member, index) => (
              <details key={index}>
                <summary><span dir="auto">{member.expert}</span> <span class="quiet"><Role value={member.role} />, {milliseconds(member.ms)}, {usd(member.cost_usd)}</span></summary>
                <Said text={member.text} />
                {member.check && <p class="quiet">check: {member.check}</p>}
              </details>
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}
