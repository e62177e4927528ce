#include "adapters/anthropic_turns.h"

#include <algorithm>
#include <utility>

#include "adapters/anthropic_rules.h"
#include "config/base/text.h"

namespace moerge::anthropic {
namespace {

constexpr std::string_view kNothingSaid = "(empty message)";
constexpr std::ptrdiff_t kMostLateCalls = 1000;
// Where a result stood that went to its call.
constexpr std::string_view kLateResult = "(The result of the call has come.)";

Block TextBlock(std::string text) {
  return {.kind = Block::Kind::kText, .text = std::move(text), .json = {}, .id = {}, .name = {}};
}

// A result whose call is not there.
Block AsText(const Block& result) {
  Block block = TextBlock("Result of a function call: " + result.text);
  block.mark = result.mark;
  return block;
}

Block NoResult(const std::string& id) {
  Block block{.kind = Block::Kind::kToolResult, .text = {}, .json = {}, .id = id, .name = {}};
  json::Writer writer(&block.json);
  writer.BeginObject().Field("type", "tool_result").Field("tool_use_id", id);
  writer.Field("content", "There is no result: the call was not carried out.");
  writer.Field("is_error", true).EndObject();
  return block;
}

bool Calls(const Turn& turn) {
  return std::ranges::find(turn.blocks, Block::Kind::kToolUse, &Block::kind) != turn.blocks.end();
}

}  // namespace

void WriteBlock(const Block& block, json::Writer* writer) {
  if (block.kind != Block::Kind::kText) {
    std::string json = block.json;
    if (!block.mark.empty()) json.insert(json.size() - 1, ",\"cache_control\":" + block.mark);
    writer->Raw(json);
    return;
  }
  writer->BeginObject().Field("type", "text").Field("text", block.text);
  if (!block.mark.empty()) writer->Key("cache_control").Raw(block.mark);
  writer->EndObject();
}

bool KeepLastMarks(std::vector<Block>& blocks, std::size_t* most) {
  bool all = true;
  for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
    if (block->mark.empty()) continue;
    if (*most > 0) {
      --*most;
      continue;
    }
    block->mark.clear();
    all = false;
  }
  return all;
}

bool Turns::KeepMarks(std::size_t most) {
  bool all = true;
  for (auto turn = turns_.rbegin(); turn != turns_.rend(); ++turn) {
    all = KeepLastMarks(turn->blocks, &most) && all;
  }
  return all;
}

void Turns::Add(bool assistant, std::vector<Block> blocks) {
  if (assistant && blocks.empty()) return;
  answered_ = answered_ || !assistant;
  if (turns_.empty() || turns_.back().assistant != assistant) {
    turns_.push_back({assistant, {}});
  }
  std::vector<Block>& all = turns_.back().blocks;
  std::ranges::move(blocks, std::back_inserter(all));
}

std::string Turns::IdOfCall(std::string_view id, std::string_view name) {
  if (std::exchange(answered_, false)) {
    std::ranges::move(open_calls_, std::back_inserter(late_calls_));
    open_calls_.clear();
    if (std::ssize(late_calls_) > kMostLateCalls) {
      late_calls_.erase(late_calls_.begin(), late_calls_.end() - kMostLateCalls);
    }
  }
  std::string ours(id);
  for (char& c : ours) {
    if (!IsToolId(std::string_view(&c, 1))) c = '_';
  }
  if (ours.empty()) ours = "call";
  const std::string stem = ours;
  for (int i = 2; !ids_.insert(ours).second; ++i) ours = stem + "_" + std::to_string(i);
  open_calls_.push_back({std::string(id), std::string(name), ours});
  return ours;
}

std::string Turns::TakeCall(std::vector<OpenCall>::iterator call, std::vector<OpenCall>* calls) {
  std::string ours = std::move(call->ours);
  calls->erase(call);
  return ours;
}

std::string Turns::IdOfResult(std::string_view id, std::string_view name) {
  auto call = std::ranges::find(open_calls_, id, &OpenCall::id);
  if (call == open_calls_.end() && id.empty() && !name.empty()) {
    call = std::ranges::find(open_calls_, name, &OpenCall::name);
  }
  if (call != open_calls_.end()) return TakeCall(call, &open_calls_);
  const auto late = std::find_if(late_calls_.rbegin(), late_calls_.rend(),
                                 [id](const OpenCall& one) { return one.id == id; });
  if (id.empty() || late == late_calls_.rend()) return {};
  return TakeCall(std::next(late).base(), &late_calls_);
}

void Turns::Arrange(std::string alone) {
  if (turns_.empty()) {
    Add(false, {});
    if (!alone.empty()) turns_[0].blocks.push_back(TextBlock(std::move(alone)));
  }
  if (turns_.front().assistant) turns_.insert(turns_.begin(), Turn{});
  AnswerCalls();
  for (Turn& turn : turns_) {
    if (!turn.blocks.empty()) continue;
    turn.blocks.push_back(TextBlock(std::string(turn.had_results ? kLateResult : kNothingSaid)));
  }
  Block& last = turns_.back().blocks.back();
  if (turns_.back().assistant && last.kind == Block::Kind::kText) {
    last.text.resize(last.text.find_last_not_of(" \t\r\n\v\f") + 1);
  }
}

void Turns::AnswerCalls() {
  if (Calls(turns_.back())) Add(false, {});
  std::map<std::string, Block> results = TakeResults();
  for (std::size_t i = 1; i < turns_.size(); ++i) {
    if (!turns_[i].assistant) AnswerCallsOf(i, &results);
  }
}

std::map<std::string, Block> Turns::TakeResults() {
  std::map<std::string, Block> results;
  for (Turn& turn : turns_) {
    if (turn.assistant) continue;
    std::vector<Block> rest;
    bool late = false;
    for (Block& block : turn.blocks) {
      if (block.kind != Block::Kind::kToolResult) {
        rest.push_back(std::move(block));
      } else if (block.id.empty()) {
        rest.push_back(AsText(block));
      } else {
        std::string id = block.id;
        results.emplace(std::move(id), std::move(block));
        late = true;
      }
    }
    turn.blocks = std::move(rest);
    turn.had_results = late;
  }
  return results;
}

// Results of the calls of the turn before come first, though they were given later; those that are
// missing are made.
void Turns::AnswerCallsOf(std::size_t turn, std::map<std::string, Block>* results) {
  std::vector<Block> blocks;
  for (const Block& call : turns_[turn - 1].blocks) {
    if (call.kind != Block::Kind::kToolUse) continue;
    tools_used_.insert(call.name);
    const auto result = results->find(call.id);
    blocks.push_back(result == results->end() ? NoResult(call.id) : std::move(result->second));
  }
  std::ranges::move(turns_[turn].blocks, std::back_inserter(blocks));
  turns_[turn].blocks = std::move(blocks);
}

bool Turns::MayThink(bool strict) const {
  if (!turns_.empty() && turns_.back().assistant) return false;
  if (turns_.size() < 2 || !strict) return true;
  const Turn& before = turns_[turns_.size() - 2];
  return !Calls(before) || before.blocks.front().kind == Block::Kind::kThinking;
}

void Turns::Write(json::Writer* writer) const {
  writer->BeginArray();
  for (const Turn& turn : turns_) {
    writer->BeginObject().Field("role", turn.assistant ? "assistant" : "user");
    writer->Key("content").BeginArray();
    for (const Block& block : turn.blocks) WriteBlock(block, writer);
    writer->EndArray().EndObject();
  }
  writer->EndArray();
}

}  // namespace moerge::anthropic
