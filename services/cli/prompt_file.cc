#include "services/cli/prompt_file.h"

#include <cstdio>
#include <optional>
#include <utility>

#include "config/base/json.h"
#include "config/base/line_reader.h"
#include "config/base/text.h"

namespace moerge::cli {
namespace {

Result<Prompt> ReadPrompt(const std::string& file, std::size_t number, const std::string& line) {
  const auto fail = [&](std::string_view what) {
    return Error{ErrorCode::kInvalid,
                 file + ": line " + std::to_string(number) + ": " + std::string(what)};
  };
  const Result<json::Document> document = json::Document::Parse(line);
  if (!document) return fail(document.error().message);
  const auto id = document->root().Find("id").AsString();
  const auto text = document->root().Find("prompt").AsString();
  if (!id || !text) return fail("expected {\"id\": \"...\", \"prompt\": \"...\"}");
  return Prompt{std::string(*id), std::string(*text)};
}

}  // namespace

Result<std::vector<Prompt>> ReadPrompts(const std::string& file, bool strict) {
  Result<LineReader> reader = LineReader::Open(file);
  if (!reader) return std::move(reader).error();
  std::vector<Prompt> prompts;
  std::size_t bad = 0;
  while (true) {
    Result<std::optional<std::string>> line = reader->Next();
    if (!line) return std::move(line).error();
    if (!*line) break;
    if (Trim(**line).empty()) continue;
    Result<Prompt> prompt = ReadPrompt(file, reader->line_number(), **line);
    if (prompt) {
      prompts.push_back(*std::move(prompt));
    } else if (strict) {
      return std::move(prompt).error();
    } else {
      ++bad;
      std::fprintf(stderr, "warning: %s\n", prompt.error().message.c_str());
    }
  }
  if (bad > 0) std::fprintf(stderr, "warning: %zu prompts left out\n", bad);
  return prompts;
}

Status WriteLines(const std::string& file, const std::string& lines) {
  if (file != "-") return WriteFileAtomically(file, lines);
  std::fwrite(lines.data(), 1, lines.size(), stdout);
  return Ok{};
}

}  // namespace moerge::cli
