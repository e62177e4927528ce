"""The recorded results: which questions are asked, and what may be learnt from. Standard library only."""
import gzip
import json
import re
from dataclasses import dataclass
from pathlib import Path

TABLE = "mmlu_pro_train.jsonl.gz"
REPLIES = "mmlu_pro_replies.jsonl.gz"
EXPERTS = ("Meta-Llama-3_1-8B-Instruct", "Phi-3-mini-4k-instruct", "mathstral-7B",
           "Mixtral-8x7B-Instruct-v0.1", "Yi-34B", "c4ai-command-r-v01", "Qwen1.5-72B-Chat",
           "Meta-Llama-3-70B", "Qwen1.5-110B", "jamba-1.5-large")
# Billions of active parameters, as published; experts are priced by them.
SIZES = dict(zip(EXPERTS, (8, 3.8, 7, 12.9, 34, 35, 72, 70, 110, 94)))
USD_PER_BILLION = 0.01  # and million tokens
ANSWER = re.compile(r"answer is \(?([A-J])\)?")


def read(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def grade(reply, reference):
    """Whether a reply gives the right letter: its first "answer is (X)" counts."""
    found = ANSWER.search(reply)
    return bool(found) and found[1] == reference


@dataclass
class Question:
    id: str
    prompt: str
    category: str
    reference: str
    replies: dict  # by expert
    right: dict    # by expert: whether its reply is


@dataclass
class Dataset:
    questions: list  # those with replies; they are asked
    training: list   # rows of all others; profiles are learnt from them


def missing(directory):
    return [name for name in (TABLE, REPLIES) if not (Path(directory) / name).is_file()]


def load(directory):
    table = read(Path(directory) / TABLE)
    replies = {row["id"]: row["replies"] for row in read(Path(directory) / REPLIES)}
    asked = [row for row in table if row["id"] in replies]
    # A question that the table holds twice must not be learnt from under its other id.
    prompts = {row["prompt"].strip() for row in asked}
    training = [row for row in table if row["prompt"].strip() not in prompts]
    return Dataset([question(row, replies[row["id"]]) for row in asked], training)


def question(row, replies):
    replies = {expert: replies[expert] for expert in EXPERTS}
    right = {expert: grade(reply, row["reference"]) for expert, reply in replies.items()}
    return Question(row["id"], row["prompt"], row["category"], row["reference"], replies, right)


def write_training(rows, path):
    """The training rows as a table for `moerge profile import`, the ten experts alone."""
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as out:
        for row in rows:
            kept = {key: row[key] for key in ("id", "prompt", "category", "reference")}
            kept["scores"] = {expert: row["scores"][expert] for expert in EXPERTS}
            out.write(json.dumps(kept, ensure_ascii=False) + "\n")
