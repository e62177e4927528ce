#include "tests/support/client_shapes.h"

#include <algorithm>
#include <fstream>

#include "config/base/json.h"

namespace moerge::test {

std::string ClientShape::Body(std::string_view model) const {
  constexpr std::string_view kPlace = "\"EXPERT\"";
  std::string text = body;
  std::string quoted;
  json::AppendQuoted(model, &quoted);
  return text.replace(text.find(kPlace), kPlace.size(), quoted);
}

bool ClientShape::Fits(std::string_view protocol) const {
  return only.empty() || std::ranges::find(only, protocol) != only.end();
}

std::vector<ClientShape> ClientShapes() {
  std::vector<ClientShape> shapes;
  std::ifstream file(std::string(MOERGE_SOURCE_DIR) + "/tests/data/clients.jsonl");
  for (std::string line; std::getline(file, line);) {
    const auto row = json::Document::Parse(line);
    if (!row) continue;  // its reader counts
    const json::Value root = row->root();
    ClientShape& shape = shapes.emplace_back();
    shape.client = root.Find("client").AsString().value_or("");
    shape.client.append(", ").append(root.Find("what").AsString().value_or("plain"));
    for (const json::Value one : root.Find("only").children()) {
      shape.only.emplace_back(one.AsString().value_or(""));
    }
    shape.body = root.Find("body").raw();
  }
  return shapes;
}

}  // namespace moerge::test
