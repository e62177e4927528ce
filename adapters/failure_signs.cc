#include "adapters/failure_signs.h"

#include <algorithm>
#include <string>

#include "adapters/error_detail.h"
#include "adapters/sse.h"
#include "config/base/json.h"
#include "config/base/text.h"

namespace moerge {
namespace {

// What every chunk says of itself.
constexpr std::string_view kFrameMembers[] = {
    "id",    "object",   "created", "model", "system_fingerprint", "service_tier", "choices",
    "usage", "provider", "type",    "event", "obfuscation"};

constexpr std::string_view kFailedWords[] = {"failed", "failure", "fail", "error"};
constexpr std::string_view kFineWords[] = {"ok",  "success", "succeeded", "0",
                                           "200", "none",    "null",      "false"};
// Of something that is under way.
constexpr std::string_view kBusyWords[] = {"in_progress", "running",    "loading",
                                           "queued",      "processing", "pending"};

template <std::size_t size>
bool IsOneOf(const std::string_view (&words)[size], std::string_view word) {
  return std::ranges::any_of(
      words, [word](std::string_view known) { return EqualsIgnoreCase(known, word); });
}

// Whether the value of a member is a word, or a number, that says that all is well.
bool IsFine(const json::Value& value) {
  if (value.is_number()) return value.AsInt() == 0 || value.AsInt() == 200;
  return value.is_string() && IsOneOf(kFineWords, *value.AsString());
}

bool IsNamedPing(const json::Value& root) {
  return IsPing(StringAt(root, "type")) || IsPing(StringAt(root, "event")) ||
         IsPing(StringAt(root, "object"));
}

bool SaysFine(const json::Value& root) {
  return root.Find("success").AsBool() == true || IsFine(root.Find("code")) ||
         IsFine(root.Find("status")) || IsOneOf(kBusyWords, StringAt(root, "status"));
}

bool HasFailed(const json::Value& root) {
  for (const std::string_view key : {"success", "ok"}) {
    if (root.Find(key).AsBool() == false) return true;
  }
  for (const std::string_view key : {"status", "state"}) {
    if (IsOneOf(kFailedWords, StringAt(root, key))) return true;
  }
  for (const std::string_view key : {"type", "object", "__type"}) {
    if (IsErrorName(StringAt(root, key))) return true;
  }
  for (const json::Value member : root.children()) {
    if (NamesError(member.key()) && IsError(member) && !IsFine(member)) return true;
  }
  const json::Value minimax = root.Find("base_resp").Find("status_code");
  return minimax.is_number() && !IsFine(minimax);
}

bool HasCode(const json::Value& root) {
  const json::Value code = root.Find("code");
  return code.is_number() || !StringAt(root, "code").empty();
}

bool IsFrameAlone(const json::Value& root) {
  for (const json::Value member : root.children()) {
    if (std::ranges::find(kFrameMembers, member.key()) == std::end(kFrameMembers)) return false;
  }
  return StringAt(root, "type").empty() && StringAt(root, "event").empty();
}

}  // namespace

bool NamesError(std::string_view key) {
  const std::string name = LowerAscii(key);
  for (const std::string_view word : {"error", "errmsg", "err_msg", "errcode", "err_code"}) {
    if (name.find(word) != name.npos) return true;
  }
  return name.ends_with("exception");
}

Sign SignOf(std::string_view body) {
  const auto document = json::Document::Parse(body);
  if (!document) return Sign::kUnknown;
  const json::Value root = ErrorObject(document->root());
  if (HasFailed(root)) return Sign::kFailure;
  if (IsNamedPing(root)) return Sign::kNothing;
  if (!SaysFine(root)) {
    if (StatusIn(body) != 0) return Sign::kFailure;
    if (!ErrorText(root).empty()) return HasCode(root) ? Sign::kFailure : Sign::kWords;
  }
  return IsFrameAlone(root) ? Sign::kNothing : Sign::kUnknown;
}

}  // namespace moerge
