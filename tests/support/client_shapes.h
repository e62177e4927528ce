// Chat requests as clients write them, of tests/data/clients.jsonl.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace moerge::test {

struct ClientShape {
  std::string client;             // and what of it is special
  std::vector<std::string> only;  // protocols of experts that can be asked this; empty: all
  std::string body;               // its model is EXPERT

  std::string Body(std::string_view model) const;
  bool Fits(std::string_view protocol) const;
};

std::vector<ClientShape> ClientShapes();

}  // namespace moerge::test
