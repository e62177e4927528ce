#include "services/api/form_data.h"

#include <optional>
#include <utility>

#include "config/base/text.h"

namespace moerge::api {
namespace {

constexpr std::string_view kLine = "\r\n";
constexpr std::size_t kMostParts = 100;

Error Malformed(std::string_view what) {
  return Error{
      ErrorCode::kInvalid,
      "the body is not multipart/form-data as its content-type says: " + std::string(what)};
}

// The value of a parameter behind a ';': a token, or quoted with backslashes.
std::optional<std::string> ParameterOf(std::string_view header, std::string_view name) {
  std::size_t at = header.find(';');
  while (at < header.size()) {
    std::string_view rest = header.substr(at + 1);
    while (!rest.empty() && (rest[0] == ' ' || rest[0] == '\t')) rest.remove_prefix(1);
    const std::size_t equals = rest.find_first_of("=;");
    if (equals == rest.npos || rest[equals] == ';') {
      at = header.find(';', at + 1);
      continue;
    }
    const std::string_view key = Trim(rest.substr(0, equals));
    rest.remove_prefix(equals + 1);
    std::string value;
    std::size_t used = 0;
    if (rest.starts_with('"')) {
      for (used = 1; used < rest.size() && rest[used] != '"'; ++used) {
        if (rest[used] == '\\' && used + 1 < rest.size()) ++used;
        value += rest[used];
      }
    } else {
      used = std::min(rest.find(';'), rest.size());
      value = Trim(rest.substr(0, used));
    }
    if (EqualsIgnoreCase(key, name)) return value;
    at = header.find(';', static_cast<std::size_t>(rest.data() - header.data()) + used);
  }
  return std::nullopt;
}

// The head of a part: its name and file name.
Result<FormPart> ParseHead(std::string_view head) {
  while (!head.empty()) {
    const std::size_t end = std::min(head.find(kLine), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + kLine.size(), head.size()));
    const std::size_t colon = line.find(':');
    if (colon == line.npos) return Malformed("a part has a header without a colon");
    if (!EqualsIgnoreCase(Trim(line.substr(0, colon)), "content-disposition")) continue;
    FormPart part;
    const auto name = ParameterOf(line, "name");
    if (!name) return Malformed("a part has no name");
    part.name = *name;
    part.filename = ParameterOf(line, "filename").value_or("");
    return part;
  }
  return Malformed("a part has no content-disposition");
}

}  // namespace

Result<std::vector<FormPart>> ParseFormData(std::string_view content_type, std::string_view body) {
  const std::string_view type = Trim(content_type.substr(0, content_type.find(';')));
  const auto boundary = ParameterOf(content_type, "boundary");
  if (!EqualsIgnoreCase(type, "multipart/form-data") || !boundary || boundary->empty()) {
    return Error{.code = ErrorCode::kInvalid,
                 .message = "send the file as multipart/form-data with a boundary",
                 .reason = "unsupported_content_type"};
  }
  const std::string mark = "\r\n--" + *boundary;
  std::vector<FormPart> parts;
  // The first mark may stand at the begin, without its line's end.
  std::size_t at = body.starts_with(std::string_view(mark).substr(kLine.size()))
                       ? mark.size() - kLine.size()
                       : body.find(mark);
  if (at == body.npos) return Malformed("its boundary is not there");
  if (!body.starts_with(std::string_view(mark).substr(kLine.size()))) at += mark.size();
  while (true) {
    std::string_view rest = body.substr(at);
    if (rest.starts_with("--")) return parts;
    if (!rest.starts_with(kLine)) return Malformed("a boundary is not followed by a line's end");
    const std::size_t head_end = rest.find("\r\n\r\n");
    const std::size_t end = head_end == rest.npos ? rest.npos : rest.find(mark, head_end + 2);
    if (end == rest.npos) return Malformed("its last boundary is missing");
    if (parts.size() == kMostParts) return Malformed("it has more than 100 parts");
    Result<FormPart> part = ParseHead(rest.substr(kLine.size(), head_end - kLine.size()));
    if (!part) return std::move(part).error();
    const std::size_t begin = head_end + 4;
    part->content = end >= begin ? rest.substr(begin, end - begin) : std::string_view();
    parts.push_back(*std::move(part));
    at += end + mark.size();
  }
}

}  // namespace moerge::api
