#include "adapters/anthropic_messages.h"

#include <algorithm>
#include <utility>

#include "adapters/anthropic_rules.h"
#include "adapters/openai_fields.h"
#include "adapters/tools/text_encodings.h"
#include "config/base/text.h"
#include "config/base/utf8.h"

namespace moerge::anthropic {
namespace {

bool IsSystem(std::string_view role) { return role == "system" || role == "developer"; }

Block BlockOf(Block::Kind kind, std::string json) {
  return {.kind = kind, .text = {}, .json = std::move(json), .id = {}, .name = {}};
}

Block TextOf(const ContentPart& part) {
  const json::Value& mark = part.cache_control;
  return {.kind = Block::Kind::kText,
          .text = std::string(part.text),
          .json = {},
          .id = {},
          .name = {},
          .mark = mark.is_object() ? std::string(mark.raw()) : std::string()};
}

// A mark of the whole message stands at its end. Thoughts take none.
void MarkLast(const json::Value& message, std::vector<Block>* blocks) {
  const json::Value mark = message.Find("cache_control");
  if (!mark.is_object() || blocks->empty()) return;
  Block& last = blocks->back();
  if (last.kind != Block::Kind::kThinking && last.mark.empty()) last.mark = mark.raw();
}

// One block that is no text, with the cache mark beside it.
template <class Write>
Block MakeBlock(Block::Kind kind, const json::Value& cache_control, const Write& write) {
  std::string json;
  json::Writer writer(&json);
  writer.BeginObject();
  write(writer);
  writer.EndObject();
  Block block = BlockOf(kind, std::move(json));
  if (cache_control.is_object()) block.mark = cache_control.raw();
  return block;
}

void WriteSource(json::Writer& writer, std::string_view type, std::string_view media_type,
                 std::string_view key, std::string_view data) {
  writer.Key("source").BeginObject().Field("type", type);
  if (!media_type.empty()) writer.Field("media_type", media_type);
  writer.Field(key, data).EndObject();
}

Result<Block> Picture(const ContentPart& part, const std::string& path) {
  const auto data = ParseDataUrl(part.url);
  if (!data) {
    if (!part.url.starts_with("http://") && !part.url.starts_with("https://")) {
      return NotExpressible(kApi, "an image that is neither an http nor a base64 data URL", path);
    }
    return MakeBlock(Block::Kind::kOther, part.cache_control, [&](json::Writer& writer) {
      writer.Field("type", "image");
      WriteSource(writer, "url", {}, "url", part.url);
    });
  }
  // The API refuses a picture that is not what it is called.
  std::string_view type = PictureType(data->base64);
  if (type.empty()) type = data->media_type == "image/jpg" ? "image/jpeg" : data->media_type;
  if (!IsImageType(type)) {
    return NotExpressible(
        kApi,
        "an image of the type `" + std::string(type) + "` (it takes " + "jpeg, png, gif and webp)",
        path);
  }
  return MakeBlock(Block::Kind::kOther, part.cache_control, [&](json::Writer& writer) {
    writer.Field("type", "image");
    WriteSource(writer, "base64", type, "data", data->base64);
  });
}

Result<Block> Document(const ContentPart& part, const std::string& path) {
  const auto data = ParseDataUrl(part.url);
  const std::string_view type = data ? data->media_type : std::string_view();
  std::string text;
  if (type.starts_with("text/")) {
    auto decoded = tools::DecodeBytes(tools::Codec::kBase64, data->base64);
    if (!decoded) return NotExpressible(kApi, "a text file whose base64 is broken", path);
    text = std::move(*decoded);
    if (Trim(text).empty()) return NotExpressible(kApi, "an empty text file", path);
    if (!utf8::IsValid(text) || text.find('\0') != text.npos)
      return NotExpressible(kApi, "a text file that is not UTF-8", path);
  } else if (type != "application/pdf") {
    return NotExpressible(kApi, "a file that is neither PDF nor text in a base64 data URL", path);
  }
  return MakeBlock(Block::Kind::kOther, part.cache_control, [&](json::Writer& writer) {
    writer.Field("type", "document");
    if (type == "application/pdf") {
      WriteSource(writer, "base64", type, "data", data->base64);
    } else {
      WriteSource(writer, "text", "text/plain", "data", text);
    }
    if (!part.filename.empty()) writer.Field("title", part.filename);
  });
}

void NoteOnce(std::string_view what, std::vector<std::string>* notes) {
  std::string note =
      std::string(what) + " is not passed on: " + std::string(kApi) + " has nothing like it";
  if (std::ranges::find(*notes, note) == notes->end()) notes->push_back(std::move(note));
}

// Everything in a `content`. Texts of blanks are left out: the API refuses them.
Result<std::vector<Block>> ReadContent(const json::Value& content, const std::string& path,
                                       std::vector<std::string>* notes) {
  std::vector<Block> blocks;
  std::size_t i = 0;
  for (const ContentPart& part : ContentParts(content)) {
    const std::string at = content.is_array() ? path + "[" + std::to_string(i++) + "]" : path;
    if (part.type == "thinking") continue;
    if (part.type == "text") {
      if (Trim(part.text).empty()) continue;
      blocks.push_back(TextOf(part));
      continue;
    }
    const bool known = part.type == "image_url" || part.type == "file";
    if (!known) {
      return NotExpressible(kApi, "content of the type `" + std::string(part.type) + "`", at);
    }
    if (!SaysNoDetail(part)) NoteOnce("`image_url.detail`", notes);
    Result<Block> block = part.type == "file" ? Document(part, at) : Picture(part, at);
    if (!block) return std::move(block).error();
    blocks.push_back(std::move(*block));
  }
  return blocks;
}

class TurnReader {
 public:
  TurnReader(Turns* turns, std::vector<std::string>* notes) : turns_(*turns), notes_(*notes) {}

  Status Read(const json::Value& message, const std::string& path) {
    const std::string_view role = StringAt(message, "role");
    if (IsSystem(role)) return OnlyText(message.Find("content"), path + ".content");
    if (role == "tool" || role == "function") return ToolResult(message, path);
    if (role != "user" && role != "assistant") {
      return NotExpressible(kApi, "the role `" + std::string(role) + "`", path + ".role");
    }
    if (!StringAt(message, "name").empty()) Note("`name` of a message");
    auto blocks = ReadContent(message.Find("content"), path + ".content", &notes_);
    if (!blocks) return std::move(blocks).error();
    if (role == "assistant") return Assistant(message, path, std::move(*blocks));
    MarkLast(message, &*blocks);
    std::vector<Block> all = std::exchange(pictures_, {});
    std::ranges::move(*blocks, std::back_inserter(all));
    turns_.Add(false, std::move(all));
    return Ok{};
  }

  void End() {
    if (!pictures_.empty()) turns_.Add(false, std::exchange(pictures_, {}));
  }

 private:
  // The API's system prompt has no place for anything else.
  static Status OnlyText(const json::Value& content, const std::string& path) {
    std::size_t i = 0;
    for (const ContentPart& part : ContentParts(content)) {
      const std::string at = content.is_array() ? path + "[" + std::to_string(i++) + "]" : path;
      if (part.type == "text" || part.type == "thinking") continue;
      return NotExpressible(
          kApi, "content of the type `" + std::string(part.type) + "` in a system prompt", at);
    }
    return Ok{};
  }

  // The API takes no pictures from the assistant, whose answers may have had some: the user shows
  // them.
  Status TakePictures(const json::Value& message, const std::string& path,
                      std::vector<Block>* said) {
    auto more = ReadContent(message.Find("images"), path + ".images", &notes_);
    if (!more) return std::move(more).error();
    std::vector<Block> shown = std::move(*more);
    const auto other = [](const Block& block) { return block.kind == Block::Kind::kOther; };
    std::ranges::copy_if(*said, std::back_inserter(shown), other);
    std::erase_if(*said, other);
    if (shown.empty()) return Ok{};
    pictures_.push_back({.kind = Block::Kind::kText,
                         .text = "(From your answer before:)",
                         .json = {},
                         .id = {},
                         .name = {}});
    std::ranges::move(shown, std::back_inserter(pictures_));
    return Ok{};
  }

  Status Assistant(const json::Value& message, const std::string& path, std::vector<Block> said) {
    if (message.Find("audio").is_object()) {
      return NotExpressible(kApi, "speech", path + ".audio");
    }
    if (Status taken = TakePictures(message, path, &said); !taken) return taken;
    std::vector<Block> blocks = Thoughts(message);
    std::ranges::move(said, std::back_inserter(blocks));
    const std::string_view refusal = StringAt(message, "refusal");
    if (said.empty() && !Trim(refusal).empty()) {
      blocks.push_back({.kind = Block::Kind::kText,
                        .text = std::string(refusal),
                        .json = {},
                        .id = {},
                        .name = {}});
    }
    for (const json::Value call : message.Find("tool_calls").children()) {
      blocks.push_back(ToolUse(StringAt(call, "id"), call));
    }
    if (const json::Value call = message.Find("function_call"); call.is_object()) {
      blocks.push_back(ToolUse({}, message));
    }
    MarkLast(message, &blocks);
    turns_.Add(true, std::move(blocks));
    return Ok{};
  }

  // Thoughts that the API had signed; others it does not take back.
  std::vector<Block> Thoughts(const json::Value& message) {
    std::vector<Block> blocks;
    for (const std::string_view list : {"thinking_blocks", "content", "reasoning_details"}) {
      if (!blocks.empty()) break;
      for (const json::Value thought : message.Find(list).children()) Thought(thought, &blocks);
    }
    if (!blocks.empty()) return blocks;
    bool unsigned_ = false;
    for (const std::string_view field : {"reasoning_content", "reasoning"}) {
      unsigned_ = unsigned_ || !StringAt(message, field).empty();
    }
    for (const ContentPart& part : ContentParts(message.Find("content"))) {
      unsigned_ = unsigned_ || part.type == "thinking";
    }
    if (unsigned_) Note("reasoning of an earlier turn without a signature");
    return blocks;
  }

  // As the API gave it, or as OpenRouter hands it on.
  static void Thought(const json::Value& thought, std::vector<Block>* blocks) {
    const std::string_view type = StringAt(thought, "type");
    const bool relayed = type.starts_with("reasoning.");
    if (relayed && !StringAt(thought, "format").starts_with("anthropic")) return;
    const bool hidden = type == "redacted_thinking" || type == "reasoning.encrypted";
    const std::string_view proof = StringAt(thought, hidden ? "data" : "signature");
    if (proof.empty()) return;
    blocks->push_back(MakeBlock(Block::Kind::kThinking, {}, [&](json::Writer& writer) {
      writer.Field("type", hidden ? "redacted_thinking" : "thinking");
      if (!hidden) writer.Field("thinking", StringAt(thought, relayed ? "text" : "thinking"));
      writer.Field(hidden ? "data" : "signature", proof);
    }));
  }

  // `call` is an element of tool_calls, or a message with a function_call.
  Block ToolUse(std::string_view id, const json::Value& call) {
    json::Value function = call.Find("function");
    if (!function) function = call.Find("function_call");
    const json::Value custom = call.Find("custom");
    const std::string_view said = StringAt(custom ? custom : function, "name");
    const std::string ours = turns_.IdOfCall(id, said);
    const std::string name = AsToolName(said);
    std::string input;
    if (custom) {
      json::Writer(&input).BeginObject().Field("input", StringAt(custom, "input")).EndObject();
    } else {
      input = ToolArguments(function.Find("arguments"));
    }
    Block block = MakeBlock(Block::Kind::kToolUse, {}, [&](json::Writer& writer) {
      writer.Field("type", "tool_use").Field("id", ours).Field("name", name);
      writer.Key("input").Raw(input);
    });
    block.id = ours;
    block.name = name;
    return block;
  }

  Status ToolResult(const json::Value& message, const std::string& path) {
    const json::Value content = message.Find("content");
    auto inner = ReadContent(content, path + ".content", &notes_);
    if (!inner) return std::move(inner).error();
    const std::string id =
        turns_.IdOfResult(StringAt(message, "tool_call_id"), StringAt(message, "name"));
    const std::string mark = TakeMark(message, &*inner);
    Block block = MakeBlock(Block::Kind::kToolResult, {}, [&](json::Writer& writer) {
      writer.Field("type", "tool_result").Field("tool_use_id", id).Key("content");
      WriteResult(content, *inner, writer);
      if (message.Find("is_error").AsBool() == true) writer.Field("is_error", true);
    });
    block.mark = mark;
    for (const Block& one : *inner) {
      block.text.append(block.text.empty() || one.text.empty() ? "" : "\n").append(one.text);
    }
    block.id = id;
    std::vector<Block> blocks;
    blocks.push_back(std::move(block));
    // What answers no call is shown as it is.
    if (id.empty()) {
      std::erase_if(*inner, [](const Block& one) { return one.kind == Block::Kind::kText; });
      std::ranges::move(*inner, std::back_inserter(blocks));
    }
    turns_.Add(false, std::move(blocks));
    return Ok{};
  }

  // The mark of a result, be it of one of its parts: the API's cache can begin behind it.
  static std::string TakeMark(const json::Value& message, std::vector<Block>* parts) {
    std::string mark;
    for (Block& part : *parts) {
      if (!part.mark.empty()) mark = std::exchange(part.mark, {});
    }
    const json::Value own = message.Find("cache_control");
    return own.is_object() ? std::string(own.raw()) : mark;
  }

  static void WriteResult(const json::Value& content, const std::vector<Block>& inner,
                          json::Writer& writer) {
    const bool plain = inner.empty() || (inner.size() == 1 && inner[0].kind == Block::Kind::kText);
    if (plain) {
      writer.String(ContentText(content));
      return;
    }
    writer.BeginArray();
    for (const Block& block : inner) WriteBlock(block, &writer);
    writer.EndArray();
  }

  void Note(std::string_view what) { NoteOnce(what, &notes_); }

  Turns& turns_;
  std::vector<std::string>& notes_;
  std::vector<Block> pictures_;  // of the assistant's, to be shown by the user's next turn
};

}  // namespace

SystemPrompt::SystemPrompt(const json::Value& messages) {
  for (const json::Value message : messages.children()) {
    if (!IsSystem(StringAt(message, "role"))) continue;
    const std::size_t before = blocks_.size();
    for (const ContentPart& part : ContentParts(message.Find("content"))) {
      if (part.type == "text" && !Trim(part.text).empty()) blocks_.push_back(TextOf(part));
    }
    if (blocks_.size() == before) continue;
    plain_ = plain_ && blocks_.size() == before + 1;
    MarkLast(message, &blocks_);
  }
}

void SystemPrompt::Add(std::string text) {
  blocks_.push_back(
      {.kind = Block::Kind::kText, .text = std::move(text), .json = {}, .id = {}, .name = {}});
}

bool SystemPrompt::KeepMarks(std::size_t most) { return KeepLastMarks(blocks_, &most); }

std::size_t SystemPrompt::marks() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(blocks_, [](const Block& block) { return !block.mark.empty(); }));
}

void SystemPrompt::Write(json::Writer* writer) const {
  if (plain_ && marks() == 0) {
    writer->String(Text());
    return;
  }
  writer->BeginArray();
  for (const Block& block : blocks_) WriteBlock(block, writer);
  writer->EndArray();
}

std::string SystemPrompt::Text() const {
  std::string text;
  for (const Block& block : blocks_) text.append(text.empty() ? "" : "\n\n").append(block.text);
  return text;
}

std::string SystemPrompt::Take() {
  std::string text = Text();
  blocks_.clear();
  return text;
}

Status ReadTurns(const json::Value& messages, Turns* turns, std::vector<std::string>* notes) {
  TurnReader reader(turns, notes);
  std::size_t i = 0;
  for (const json::Value message : messages.children()) {
    Status read = reader.Read(message, "messages[" + std::to_string(i++) + "]");
    if (!read) return read;
  }
  reader.End();
  return Ok{};
}

}  // namespace moerge::anthropic
