#include "services/signals/embedding_codec.h"

#include "config/base/json.h"
#include "config/base/utf8.h"

namespace moerge {
namespace {

constexpr std::size_t kTextHead = 1536;
constexpr std::size_t kTextTail = 512;

Error Wrong(const std::string& what) {
  return Error{ErrorCode::kUpstream, "the embeddings cannot be used: " + what};
}

}  // namespace

std::string EmbeddedPart(std::string_view text) {
  if (text.size() <= kTextHead + kTextTail) return std::string(text);
  const std::string_view tail = text.substr(text.size() - kTextTail);
  const std::size_t start = tail.find_first_of(" \n");
  std::string out(utf8::Truncate(text, kTextHead));
  return out.append("\n").append(utf8::Repair(start == tail.npos ? tail : tail.substr(start + 1)));
}

std::string EmbeddingRequest(std::string_view model, std::span<const std::string> texts) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("model", model).Key("input").BeginArray();
  for (const std::string& text : texts) writer.String(text);
  writer.EndArray().Field("encoding_format", "float").EndObject();
  return out;
}

Result<std::vector<EmbeddingVector>> ParseEmbeddings(std::string_view body, std::size_t count) {
  const auto document = json::Document::Parse(body);
  if (!document) return Wrong("the reply is not JSON: " + document.error().message);
  const json::Value data = document->root().Find("data");
  if (!data.is_array() || data.size() != count) {
    return Wrong("asked for " + std::to_string(count) + " vectors, got " +
                 std::to_string(data.size()));
  }
  std::vector<EmbeddingVector> vectors(count);
  std::size_t place = 0;
  for (const json::Value entry : data.children()) {
    const auto index = entry.Find("index").AsInt().value_or(static_cast<std::int64_t>(place++));
    if (index < 0 || index >= static_cast<std::int64_t>(count)) return Wrong("an index is wrong");
    Result<EmbeddingVector> vector = ParseVector(entry.Find("embedding"));
    if (!vector) return Wrong(vector.error().message);
    vectors[static_cast<std::size_t>(index)] = *std::move(vector);
  }
  for (const EmbeddingVector& vector : vectors) {
    if (vector.empty()) return Wrong("a vector is missing");
    if (vector.size() != vectors.front().size()) return Wrong("vectors differ in length");
  }
  return vectors;
}

}  // namespace moerge
