// Whatever is parsed as JSON, written again and parsed again, is the same; what is JSON is the same
// to Document, to the cursor for streams and to RapidJSON's own reader; nothing crashes.
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>

#include "adapters/json_cursor.h"
#include "config/base/json.h"
#include "config/base/utf8.h"

namespace moerge::json {
namespace {

void Require(bool fine) {
  if (!fine) std::abort();
}

// The parser bounds the depth, so this may recurse.
void Rewrite(Value value, Writer& writer) {
  if (value.is_object()) {
    writer.BeginObject();
    for (const Value child : value.children()) {
      writer.Key(child.key());
      Rewrite(child, writer);
    }
    writer.EndObject();
  } else if (value.is_array()) {
    writer.BeginArray();
    for (const Value child : value.children()) Rewrite(child, writer);
    writer.EndArray();
  } else if (value.is_string()) {
    writer.String(*value.AsString());
  } else {
    Require(value.end() > value.begin());
    (void)value.AsInt();
    (void)value.AsDouble();
    writer.Raw(value.raw());
  }
}

std::string Rewritten(const Document& document) {
  std::string text;
  Writer writer(&text);
  Rewrite(document.root(), writer);
  return text;
}

bool SaysOneOf(const std::string& message, std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) {
    if (message.find(text) != message.npos) return true;
  }
  return false;
}

// Beyond RapidJSON's strictness are duplicate keys, both limits and half of a surrogate pair;
// beyond its range are numbers over that of a double. It ends at a NUL.
void CompareWithRapidJson(std::string_view text, const Result<Document>& document) {
  if (text.find('\0') != text.npos) return;
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::BaseReaderHandler<> ignored;
  rapidjson::Reader plain;
  plain.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(stream,
                                                                                      ignored);
  if (plain.HasParseError()) {
    Require(!document || plain.GetParseErrorCode() == rapidjson::kParseErrorNumberTooBig);
  } else if (!document) {
    Require(SaysOneOf(document.error().message,
                      {"duplicate key", "nested deeper", "more than", "a lone low surrogate"}));
  }
}

void CompareWithCursor(std::string_view text, const Result<Document>& document) {
  JsonCursor cursor(text);
  const bool taken = cursor.Skip() && cursor.AtEnd();
  if (!document) {
    const bool looser = SaysOneOf(document.error().message, {"duplicate key", "a lone "});
    Require(!taken || looser);
  } else if (Document::Parse(text, 64)) {
    Require(taken);
  }
}

void CheckOne(std::string_view text) {
  const auto document = Document::Parse(text);
  CompareWithRapidJson(text, document);
  CompareWithCursor(text, document);
  if (!document) return;
  Require(utf8::IsValid(text));
  const std::string once = Rewritten(*document);
  const auto again = Document::Parse(once);
  Require(again.ok());
  Require(Rewritten(*again) == once);
}

}  // namespace
}  // namespace moerge::json

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  moerge::json::CheckOne(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
