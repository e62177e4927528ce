// Whatever is parsed as JSON, written again and parsed again, is the same; nothing crashes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

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

void CheckOne(std::string_view text) {
  const auto document = Document::Parse(text);
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
