#include "services/api/usage_sum.h"

#include <algorithm>
#include <vector>

#include "adapters/openai_reply.h"
#include "config/base/json.h"

namespace moerge::api {
namespace {

struct Edit {
  std::size_t begin;
  std::size_t end;
  std::string text;
};

std::vector<Edit> EditsOf(json::Value usage, const Usage& more) {
  std::vector<Edit> edits;
  const auto raise = [&](std::string_view key, std::int64_t by) {
    const json::Value value = usage.Find(key);
    const auto count = value.AsInt();
    if (count) edits.push_back({value.begin(), value.end(), std::to_string(*count + by)});
  };
  raise("prompt_tokens", more.prompt_tokens);
  raise("completion_tokens", more.completion_tokens);
  raise("total_tokens", more.prompt_tokens + more.completion_tokens);
  std::sort(edits.begin(), edits.end(),
            [](const Edit& a, const Edit& b) { return a.begin > b.begin; });
  return edits;
}

}  // namespace

std::optional<Usage> AddUsage(const Usage& more, std::string* json, std::size_t* model_begin,
                              std::size_t* model_end) {
  if (json->find("\"usage\"") == json->npos) return std::nullopt;
  std::optional<Usage> own;
  std::vector<Edit> edits;
  if (const auto document = json::Document::Parse(*json); document) {
    const json::Value usage = document->root().Find("usage");
    edits = EditsOf(usage, more);
    if (usage.is_object()) own = ReadUsage(usage).value_or(Usage{.estimated = false});
  }
  for (const Edit& edit : edits) {
    const std::size_t was = edit.end - edit.begin;
    json->replace(edit.begin, was, edit.text);
    if (*model_begin < edit.begin) continue;
    *model_begin += edit.text.size() - was;
    *model_end += edit.text.size() - was;
  }
  return own;
}

}  // namespace moerge::api
