#include "tests/adapters/tools/tool_test_support.h"

#include <gtest/gtest.h>

#include <fstream>

#include "config/base/text.h"

namespace moerge::tools {
namespace {

std::string Unescape(std::string_view cell) {
  std::string text;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    const bool line_break = cell[i] == '\\' && i + 1 < cell.size() && cell[i + 1] == 'n';
    text += line_break ? '\n' : cell[i];
    i += line_break ? 1 : 0;
  }
  return text;
}

}  // namespace

const std::vector<std::unique_ptr<Tool>>& AllTools() {
  static const std::vector<std::unique_ptr<Tool>> all = BuiltInTools();
  return all;
}

const Tool& NamedTool(std::string_view name) {
  for (const auto& tool : AllTools()) {
    if (tool->Name() == name) return *tool;
  }
  ADD_FAILURE() << "no tool is called " << name;
  return *AllTools().front();
}

std::string Ask(std::string_view tool, std::string_view request) {
  const ToolReply reply = NamedTool(tool).Answer(request, kClock);
  return reply.answer ? reply.answer->text : "declined: " + reply.reason;
}

std::string AskAll(std::string_view request) {
  for (const auto& tool : AllTools()) {
    const ToolReply reply = tool->Answer(request, kClock);
    if (reply.answer) return std::string(tool->Name()) + ": " + reply.answer->text;
  }
  return "declined";
}

std::vector<std::vector<std::string>> ReadTable(const std::string& name) {
  std::ifstream file(std::string(MOERGE_SOURCE_DIR) + "/tests/data/" + name);
  EXPECT_TRUE(file.good()) << name;
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> row;
    for (const std::string_view cell : Split(line, '\t')) row.push_back(Unescape(cell));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace moerge::tools
