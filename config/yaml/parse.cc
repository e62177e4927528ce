#include "config/yaml/parse.h"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <sstream>
#include <string>

#include "config/base/utf8.h"
#include "config/yaml/tree_builder.h"

namespace moerge {
namespace {

YamlMark MarkAt(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = newline == before.npos ? at + 1 : at - newline;
  return {static_cast<int>(lines) + 1, static_cast<int>(column)};
}

// yaml-cpp sees more lines than there are: the mark behind the text.
YamlMark WithinText(std::string_view text, const YAML::Mark& mark) {
  const YamlMark end = MarkAt(text, text.size());
  return mark.line + 1 > end.line ? end : ToMark(mark);
}

bool IsForbidden(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
}

// yaml-cpp takes 0x04 for the end of the text and NULs for UTF-16, and repairs wrong UTF-8
// silently.
bool CheckBytes(std::string_view text, Mistakes* mistakes) {
  if (text.size() > kMaxYamlBytes) {
    mistakes->Add({}, "", "longer than " + std::to_string(kMaxYamlBytes >> 20) + " MiB");
    return false;
  }
  if (const std::size_t valid = utf8::ValidPrefix(text); valid != text.size()) {
    mistakes->Add(MarkAt(text, valid), "", "not UTF-8");
    return false;
  }
  const auto control = std::find_if(text.begin(), text.end(), IsForbidden);
  if (control == text.end()) return true;
  mistakes->Add(MarkAt(text, control - text.begin()), "", "a control character");
  return false;
}

YamlPtr ParseDocument(std::string_view text, Mistakes* mistakes) {
  std::istringstream in(std::string(text) + "\n#" + TreeBuilder::kEndOfText + "\n");
  YAML::Parser parser(in);
  TreeBuilder tree(mistakes);
  if (!parser.HandleNextDocument(tree)) return nullptr;
  Mistakes of_second;
  TreeBuilder second(&of_second);
  if (parser.HandleNextDocument(second)) {
    mistakes->Add(second.start(), "",
                  "the configuration ends before this; a file holds one YAML document");
  }
  return tree.root();
}

}  // namespace

YamlPtr ParseYaml(std::string_view text, Mistakes* mistakes) {
  if (!CheckBytes(text, mistakes)) return nullptr;
  try {
    return ParseDocument(text, mistakes);
  } catch (const TreeBuilder::Stop& stop) {
    mistakes->Add(stop.at, "", stop.message);
  } catch (const YAML::Exception& error) {
    mistakes->Add(WithinText(text, error.mark), "", "not YAML: " + error.msg);
  } catch (const std::exception& error) {
    mistakes->Add({}, "", std::string("not YAML: ") + error.what());
  }
  return nullptr;
}

}  // namespace moerge
