#include "services/replay/replay_table.h"

#include <algorithm>
#include <set>
#include <utility>

#include "config/base/json.h"
#include "config/base/line_reader.h"
#include "config/base/text.h"
#include "registry/table_reader.h"

namespace moerge {
namespace {

using RepliesById = std::unordered_map<std::string, std::unordered_map<std::string, std::string>>;

Error BadLine(const std::string& file, std::size_t line, std::string_view what) {
  return Error{ErrorCode::kInvalid,
               file + ": line " + std::to_string(line) + ": " + std::string(what)};
}

Status ReadReplyRow(const std::string& file, std::size_t number, std::string_view line,
                    RepliesById* out) {
  const Result<json::Document> document = json::Document::Parse(line);
  if (!document) return BadLine(file, number, document.error().message);
  const json::Value root = document->root();
  const auto id = root.Find("id").AsString();
  const json::Value replies = root.Find("replies");
  if (!id || !replies.is_object()) {
    return BadLine(file, number, "expected {\"id\": ..., \"replies\": {model: text}}");
  }
  for (const json::Value reply : replies.children()) {
    const auto text = reply.AsString();
    if (!text) return BadLine(file, number, "a reply is not a string");
    (*out)[std::string(*id)].emplace(reply.key(), *text);
  }
  return Ok{};
}

Result<RepliesById> ReadReplies(const std::string& file) {
  RepliesById replies;
  if (file.empty()) return replies;
  Result<LineReader> reader = LineReader::Open(file);
  if (!reader) return std::move(reader).error();
  while (true) {
    Result<std::optional<std::string>> line = reader->Next();
    if (!line) return std::move(line).error();
    if (!*line) return replies;
    if (Trim(**line).empty()) continue;
    if (Status row = ReadReplyRow(file, reader->line_number(), **line, &replies); !row) {
      return std::move(row).error();
    }
  }
}

// What to say for a model of which only the outcome was recorded.
std::unordered_map<std::string, std::string> RepliesOf(const TableRow& row) {
  std::unordered_map<std::string, std::string> replies;
  for (const auto& [model, score] : row.scores) {
    replies[model] = score >= 0.5 ? "Recorded as right." : "Recorded as wrong.";
  }
  for (const auto& [model, answer] : row.answers) {
    replies[model] = answer.empty() ? "I cannot tell." : "The answer is (" + answer + ").";
  }
  return replies;
}

}  // namespace

Result<ReplayTable> ReplayTable::Load(const std::string& table, const std::string& replies) {
  Result<RepliesById> recorded = ReadReplies(replies);
  if (!recorded) return std::move(recorded).error();
  Result<Table> rows = ReadTable(table);
  if (!rows) return std::move(rows).error();
  ReplayTable out;
  std::set<std::string> models;
  for (const TableRow& row : rows->rows) {
    const auto found = recorded->find(row.id);
    if (!replies.empty() && found == recorded->end()) continue;
    Row entry{found == recorded->end() ? RepliesOf(row) : std::move(found->second)};
    for (const auto& [model, text] : entry.replies) models.insert(model);
    out.by_prompt_.emplace(Trim(row.prompt), out.rows_.size());
    out.rows_.push_back(std::move(entry));
  }
  out.models_.assign(models.begin(), models.end());
  return out;
}

Result<std::string> ReplayTable::Find(std::string_view model, std::string_view prompt) const {
  if (!std::binary_search(models_.begin(), models_.end(), model)) {
    return Error{
        ErrorCode::kNotFound,
        "the model `" + std::string(model) + "` is not recorded." + DidYouMean(model, models_),
        {},
        "model",
        "model_not_found"};
  }
  const auto at = by_prompt_.find(std::string(Trim(prompt)));
  if (at == by_prompt_.end()) {
    return Error{ErrorCode::kNotFound,
                 "this prompt is not recorded in the table",
                 {},
                 "messages",
                 "prompt_not_recorded"};
  }
  const auto& replies = rows_[at->second].replies;
  const auto reply = replies.find(std::string(model));
  if (reply == replies.end()) {
    return Error{ErrorCode::kNotFound,
                 "the model `" + std::string(model) + "` has no reply to this prompt on record",
                 {},
                 "messages",
                 "prompt_not_recorded"};
  }
  return reply->second;
}

}  // namespace moerge
