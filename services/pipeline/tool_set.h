// The symbolic experts, by the name an expert of kind kTool gives as its model.
// Owner: the composition root. Immutable; any thread.
#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/tools/tool.h"

namespace moerge {

class ToolSet {
 public:
  explicit ToolSet(std::vector<std::unique_ptr<Tool>> tools) : tools_(std::move(tools)) {}

  // Null if there is none.
  const Tool* Find(std::string_view name) const {
    for (const auto& tool : tools_) {
      if (tool->Name() == name) return tool.get();
    }
    return nullptr;
  }
  const std::vector<std::unique_ptr<Tool>>& all() const { return tools_; }

 private:
  std::vector<std::unique_ptr<Tool>> tools_;
};

}  // namespace moerge
