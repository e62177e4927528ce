#include "adapters/openai_choices.h"

#include <algorithm>
#include <limits>
#include <set>
#include <vector>

#include "adapters/finish_reason.h"
#include "adapters/json_edit.h"
#include "adapters/openai_fields.h"
#include "adapters/openai_reply.h"
#include "config/base/random.h"
#include "config/base/text.h"

namespace moerge {
namespace {

struct TextAndThoughts {
  std::string text;
  std::string thoughts;
  bool has_text = false;
};

// False: some part is neither.
bool ReadPart(const json::Value& part, TextAndThoughts* read) {
  const std::string_view type = StringAt(part, "type");
  if (part.is_string() || type == "text" || type == "output_text") {
    read->text.append(part.AsString().value_or(StringAt(part, "text")));
    read->has_text = true;
    return true;
  }
  if (type != "thinking") return false;
  read->thoughts.append(ContentText(part.Find("thinking")));
  return true;
}

bool ReadContent(const json::Value& content, TextAndThoughts* read) {
  if (content.is_object()) return content.size() == 0 || ReadPart(content, read);
  if (!content.is_array()) return false;
  for (const json::Value part : content.children()) {
    if (!ReadPart(part, read)) return false;
  }
  return true;
}

std::string JsonTextOf(std::string_view text) {
  std::string quoted;
  json::AppendQuoted(text, &quoted);
  return quoted;
}

// Parts of `message` as members that are texts.
void TakeContent(const json::Value& message, JsonMembers* members) {
  const json::Value content = message.Find("content");
  TextAndThoughts read;
  if (!ReadContent(content, &read)) return;
  members->emplace_back("content", read.has_text ? JsonTextOf(read.text) : "null");
  const json::Value known = message.Find("reasoning_content");
  const bool free = !known || known.is_null();
  if (free && !read.thoughts.empty()) {
    members->emplace_back("reasoning_content", JsonTextOf(read.thoughts));
  }
}

// Calls of a message without those that say nothing; empty: all say something.
std::string WithoutEmptyCalls(const json::Value& calls) {
  const auto says = [](const json::Value& call) { return call.is_object() && call.size() > 0; };
  std::size_t said = 0;
  for (const json::Value call : calls.children()) said += says(call) ? 1 : 0;
  if (said == calls.size()) return {};
  if (said == 0) return "null";
  std::string left;
  json::Writer writer(&left);
  writer.BeginArray();
  for (const json::Value call : calls.children()) {
    if (says(call)) writer.Raw(call.raw());
  }
  writer.EndArray();
  return left;
}

void MendMessage(const json::Value& message, bool whole, std::vector<JsonEdit>* edits) {
  JsonMembers members;
  TakeContent(message, &members);
  if (whole && !message.Find("content")) members.emplace_back("content", "null");
  if (const json::Value calls = message.Find("tool_calls"); calls.is_object()) {
    members.emplace_back("tool_calls", "[" + std::string(calls.raw()) + "]");
  } else if (std::string left = WithoutEmptyCalls(calls); !left.empty()) {
    members.emplace_back("tool_calls", std::move(left));
  }
  const std::string_view role = StringAt(message, "role");
  if (role != "assistant" && (whole || !role.empty())) {
    members.emplace_back("role", "\"assistant\"");
  }
  SetMembers(message, members, edits);
}

// Why a choice ended, as JSON; no reason is none in a chunk, and no more than the end of a whole
// reply.
std::string FinishOf(const json::Value& choice, bool whole) {
  const std::string_view plain = PlainFinishReason(StringAt(choice, "finish_reason"));
  if (!plain.empty()) return JsonTextOf(plain);
  if (!whole) return "null";
  const bool calls = choice.Find("message").Find("tool_calls").size() > 0;
  return calls ? "\"tool_calls\"" : "\"stop\"";
}

// Sets a member unless it has that very text.
void SetUnlessSame(const json::Value& object, std::string_view key, std::string_view text,
                   JsonMembers* members) {
  const json::Value known = object.Find(key);
  if (!known || known.raw() != text) members->emplace_back(key, text);
}

// Numbers that choices have. Those of most replies come in order.
class TakenNumbers {
 public:
  // `number`, or if that is taken the one above all.
  std::int64_t Take(std::int64_t number) {
    if (others_.empty() && number == in_order_) {
      highest_ = number;
      return in_order_++;
    }
    const bool free = number >= in_order_ && others_.insert(number).second;
    if (!free) number = *others_.insert(highest_ + 1).first;
    highest_ = std::max(highest_, number);
    return number;
  }

 private:
  std::int64_t in_order_ = 0;  // all below it are taken
  std::set<std::int64_t> others_;
  std::int64_t highest_ = -1;
};

constexpr std::int64_t kMostNumber = std::numeric_limits<std::int32_t>::max();

// The number of the choice at `place`: its own, if it has one that no choice before it has.
std::int64_t NumberOf(const json::Value& choice, std::int64_t place, const ReplyFrame& frame,
                      TakenNumbers* taken) {
  const auto said = choice.Find("index").AsInt();
  const bool fits = said && *said >= 0 && *said <= kMostNumber && (!frame.one_choice || *said == 0);
  return taken->Take(fits ? *said : place);
}

void MendChoices(const json::Value& choices, const ReplyFrame& frame,
                 std::vector<JsonEdit>* edits) {
  TakenNumbers taken;
  std::int64_t place = 0;
  for (const json::Value choice : choices.children()) {
    MendMessage(choice.Find(frame.whole ? "message" : "delta"), frame.whole, edits);
    JsonMembers members;
    SetUnlessSame(choice, "index", std::to_string(NumberOf(choice, place++, frame, &taken)),
                  &members);
    SetUnlessSame(choice, "finish_reason", FinishOf(choice, frame.whole), &members);
    SetMembers(choice, members, edits);
  }
}

constexpr std::string_view kCounts[] = {"prompt_tokens", "completion_tokens", "total_tokens"};

bool IsCount(std::string_view json) {
  return !json.empty() && json.find_first_not_of("0123456789") == json.npos;
}

// OpenAI's three counts, where they are not there as integers.
JsonMembers MissingCounts(const json::Value& usage) {
  JsonMembers members;
  const auto counts_something = [&usage](std::string_view key) {
    const std::string_view known = usage.Find(key).raw();
    return IsCount(known) && known != "0";
  };
  if (std::all_of(std::begin(kCounts), std::end(kCounts), counts_something)) return members;
  const auto read = ReadUsage(usage);
  if (!read) return members;
  const std::int64_t read_of[] = {read->prompt_tokens, read->completion_tokens,
                                  read->prompt_tokens + read->completion_tokens};
  for (std::size_t i = 0; i < std::size(kCounts); ++i) {
    const std::string_view known = usage.Find(kCounts[i]).raw();
    const bool says = IsCount(known) && (known != "0" || read_of[i] == 0);
    if (!says) members.emplace_back(kCounts[i], std::to_string(read_of[i]));
  }
  return members;
}

// A view into the reply or the frame.
std::string_view IdOf(const json::Value& root, ReplyFrame* frame) {
  const json::Value id = root.Find("id");
  if (id.is_string() && (frame->whole || id.AsString()->empty())) return id.raw();
  if (frame->id.empty()) {
    frame->id = id.is_string() ? std::string(id.raw()) : "\"chatcmpl-" + RandomId() + "\"";
  }
  return frame->id;
}

std::string CreatedOf(const json::Value& root, ReplyFrame* frame) {
  const json::Value created = root.Find("created");
  if (created.is_number() && IsCount(created.raw())) return std::string(created.raw());
  if (frame->created == 0) frame->created = NowInSeconds();
  return std::to_string(frame->created);
}

void MendFrame(const json::Value& root, ReplyFrame* frame, std::vector<JsonEdit>* edits) {
  JsonMembers members;
  SetUnlessSame(root, "id", IdOf(root, frame), &members);
  SetUnlessSame(root, "object", frame->whole ? "\"chat.completion\"" : "\"chat.completion.chunk\"",
                &members);
  SetUnlessSame(root, "created", CreatedOf(root, frame), &members);
  if (!root.Find("model").is_string()) members.emplace_back("model", "\"\"");
  // Readers take one that is there for an error, whatever it says.
  if (root.Find("error").present()) SetUnlessSame(root, "error", "null", &members);
  SetMembers(root, members, edits);
}

}  // namespace

bool CanBeText(const json::Value& content) {
  TextAndThoughts read;
  if (content.is_object()) return ReadContent(content, &read);
  return content.is_null() || content.is_string() || content.is_array();
}

bool LacksCounts(const json::Value& usage) { return !MissingCounts(usage).empty(); }

std::string MendShape(const json::Document& reply, ReplyFrame* frame) {
  std::vector<JsonEdit> edits;
  MendFrame(reply.root(), frame, &edits);
  MendChoices(reply.root().Find("choices"), *frame, &edits);
  const json::Value usage = reply.root().Find("usage");
  SetMembers(usage, MissingCounts(usage), &edits);
  return edits.empty() ? std::string() : Edited(reply.text(), std::move(edits));
}

}  // namespace moerge
