#include "adapters/anthropic_turns.h"

#include <algorithm>
#include <utility>

#include "adapters/anthropic_rules.h"
#include "config/base/text.h"

namespace moerge::anthropic {
namespace {

constexpr std::string_view kNothingSaid = "(empty message)";

Block TextBlock(std::string text) {
  return {.kind = Block::Kind::kText, .text = std::move(text), .json = {}, .id = {}, .name = {}};
}

// A result whose call is not in the turn before.
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
  if (std::exchange(answered_, false)) open_calls_.clear();
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

std::string Turns::IdOfResult(std::string_view id, std::string_view name) {
  auto call = std::ranges::find(open_calls_, id, &OpenCall::id);
  if (call == open_calls_.end() && id.empty() && !name.empty()) {
    call = std::ranges::find(open_calls_, name, &OpenCall::name);
  }
  if (call == open_calls_.end()) return {};
  std::string ours = std::move(call->ours);
  open_calls_.erase(call);
  return ours;
}

void Turns::Arrange(std::string alone) {
  if (turns_.empty()) {
    Add(false, {});
    if (!alone.empty()) turns_[0].blocks.push_back(TextBlock(std::move(alone)));
  }
  if (turns_.front().assistant) turns_.insert(turns_.begin(), Turn{});
  AnswerCalls();
  for (Turn& turn : turns_) {
    if (turn.blocks.empty()) turn.blocks.push_back(TextBlock(std::string(kNothingSaid)));
  }
  Block& last = turns_.back().blocks.back();
  if (turns_.back().assistant && last.kind == Block::Kind::kText) {
    last.text.resize(last.text.find_last_not_of(" \t\r\n\v\f") + 1);
  }
}

void Turns::AnswerCalls() {
  if (Calls(turns_.back())) Add(false, {});
  for (std::size_t i = 0; i < turns_.size(); ++i) {
    if (!turns_[i].assistant) AnswerCallsOf(i);
  }
}

// Results of the calls of the turn before come first, those that are missing are made; what answers
// no call there is text.
void Turns::AnswerCallsOf(std::size_t turn) {
  std::vector<Block> results;
  std::vector<Block> rest;
  std::vector<Block>& blocks = turns_[turn].blocks;
  const auto take = [&blocks](const std::string& id) {
    return std::ranges::find_if(blocks, [&id](const Block& block) {
      return block.kind == Block::Kind::kToolResult && block.id == id;
    });
  };
  const std::vector<Block> none;
  for (const Block& call : turn == 0 ? none : turns_[turn - 1].blocks) {
    if (call.kind != Block::Kind::kToolUse) continue;
    tools_used_.insert(call.name);
    const auto result = take(call.id);
    results.push_back(result == blocks.end() ? NoResult(call.id) : std::move(*result));
    if (result != blocks.end()) blocks.erase(result);
  }
  for (Block& block : blocks) {
    rest.push_back(block.kind == Block::Kind::kToolResult ? AsText(block) : std::move(block));
  }
  blocks = std::move(results);
  std::ranges::move(rest, std::back_inserter(blocks));
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
