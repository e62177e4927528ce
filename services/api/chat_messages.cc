#include "services/api/chat_messages.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "services/api/field_error.h"
#include "services/api/plain_prompt.h"

namespace moerge::api {
namespace {

constexpr std::size_t kEarlierTurns = 64;  // routing reads no more

enum class Speaker { kSystem, kUser, kOther };

struct Turn {
  Speaker speaker = Speaker::kOther;
  std::string_view text;
};

std::string Param(std::size_t index, std::string_view field) {
  std::string param = "messages[" + std::to_string(index) + "]";
  if (!field.empty()) param.append(".").append(field);
  return param;
}

// Roles that OpenAI does not know are the expert's business.
Speaker SpeakerOf(std::string_view role) {
  if (role == "user") return Speaker::kUser;
  return role == "system" || role == "developer" ? Speaker::kSystem : Speaker::kOther;
}

class MessageReader {
 public:
  explicit MessageReader(ChatRequest* request) : request_(*request) {}

  Status Read(json::Value messages) {
    turns_.reserve(messages.size());
    std::size_t index = 0;
    for (const json::Value message : messages.children()) {
      if (Status read = ReadMessage(message, index++); !read) return read;
    }
    Arrange();
    return Ok{};
  }

 private:
  Status ReadMessage(json::Value message, std::size_t index) {
    if (!message.is_object()) return WrongType(Param(index, ""), "an object", message);
    const json::Value role = message.Find("role");
    const auto name = role.AsString();
    if (!name || name->empty()) {
      return FieldError(Param(index, "role"),
                        "a string: `system`, `developer`, `user`, `assistant`, `tool`");
    }
    Turn turn{SpeakerOf(*name), {}};
    if (Status read = ReadContent(message, index, &turn); !read) return read;
    turns_.push_back(turn);
    return Ok{};
  }

  // What an expert has said, or a tool, may be nothing: reasoning alone, calls, an empty result. It
  // is taken back as it was given.
  Status ReadContent(json::Value message, std::size_t index, Turn* turn) {
    const json::Value content = message.Find("content");
    if (const auto text = content.AsString()) {
      turn->text = *text;
      return Ok{};
    }
    const bool said = turn->speaker == Speaker::kOther;
    if (content.is_array()) return ReadParts(content, index, said, turn);
    if ((!content || content.is_null()) && said) return Ok{};
    if (!content) return FieldError(Param(index, "content"), "a string or an array of parts");
    return WrongType(Param(index, "content"), "a string or an array of parts", content);
  }

  Status ReadParts(json::Value parts, std::size_t index, bool may_be_none, Turn* turn) {
    std::string joined;
    std::size_t texts = 0;
    std::size_t number = 0;
    for (const json::Value part : parts.children()) {
      const std::string param = Param(index, "content[" + std::to_string(number++) + "]");
      std::optional<std::string_view> text;
      if (Status read = ReadPart(part, param, &text); !read) return read;
      if (!text) continue;
      if (texts++ == 0) {
        turn->text = *text;
        continue;
      }
      if (texts == 2) joined = turn->text;
      joined.append("\n").append(*text);
    }
    if (number == 0 && !may_be_none)
      return FieldError(Param(index, "content"), "a string or at least one part");
    if (texts > 1) turn->text = Keep(std::move(joined));
    return Ok{};
  }

  Status ReadPart(json::Value part, const std::string& param,
                  std::optional<std::string_view>* text) {
    if (!part.is_object()) return WrongType(param, "an object", part);
    const auto type = part.Find("type").AsString();
    if (!type) return FieldError(param + ".type", "a string such as `text` or `image_url`");
    if (*type == "text") {
      *text = part.Find("text").AsString();
      if (!*text) return FieldError(param + ".text", "a string");
      return Ok{};
    }
    if (*type == "image_url") return ReadImage(part.Find("image_url"), param);
    NotForTools("the request holds more than text");
    return Ok{};
  }

  Status ReadImage(json::Value image, const std::string& param) {
    if (!image.is_object() && !image.is_string()) {
      return FieldError(param + ".image_url", "an object with `url`");
    }
    request_.route.needs_vision = true;
    NotForTools("the request holds images");
    return Ok{};
  }

  // Splits the turns into what routing reads.
  void Arrange() {
    const auto last_user = std::find_if(turns_.rbegin(), turns_.rend(), [](const Turn& turn) {
      return turn.speaker == Speaker::kUser;
    });
    RequestText& text = request_.route.text;
    if (last_user != turns_.rend()) text.user = last_user->text;
    std::vector<std::string_view> system;
    bool others = false;
    for (auto turn = turns_.rbegin(); turn != turns_.rend(); ++turn) {
      if (turn == last_user) continue;
      if (turn->speaker == Speaker::kSystem) {
        system.push_back(turn->text);
        continue;
      }
      others = true;
      text.first = turn->text;
      if (text.earlier.size() < kEarlierTurns) text.earlier.push_back(turn->text);
    }
    if (others) NotForTools("the conversation has other turns, which may change what is meant");
    if (last_user == turns_.rend()) NotForTools("the request has no user turn");
    ArrangeSystem(system);
  }

  // `parts` is newest first.
  void ArrangeSystem(const std::vector<std::string_view>& parts) {
    if (parts.empty()) return;
    RequestText& text = request_.route.text;
    if (request_.not_for_tools.empty() && !std::ranges::all_of(parts, SaysNothingOfTheAnswer)) {
      NotForTools("the system prompt may say how to answer");
    }
    text.system = parts.front();
    if (parts.size() == 1) return;
    std::string joined;
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
      joined.append(joined.empty() ? "" : "\n").append(*part);
    }
    text.system = Keep(std::move(joined));
  }

  std::string_view Keep(std::string text) {
    return request_.joined_texts.emplace_front(std::move(text));
  }

  void NotForTools(std::string_view why) {
    if (request_.not_for_tools.empty()) request_.not_for_tools = why;
  }

  ChatRequest& request_;
  std::vector<Turn> turns_;
};

}  // namespace

Status ReadMessages(json::Value messages, ChatRequest* request) {
  if (!messages) return FieldError("messages", "given: an array of at least one message");
  if (!messages.is_array()) return WrongType("messages", "an array", messages);
  if (messages.size() == 0) return FieldError("messages", "an array of at least one message");
  return MessageReader(request).Read(messages);
}

}  // namespace moerge::api
