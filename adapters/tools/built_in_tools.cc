// The list of tools that ship.
#include "adapters/tools/arithmetic_tool.h"
#include "adapters/tools/dates_tool.h"
#include "adapters/tools/text_tool.h"
#include "adapters/tools/tool.h"
#include "adapters/tools/units_tool.h"

namespace moerge {

std::vector<std::unique_ptr<Tool>> BuiltInTools() {
  std::vector<std::unique_ptr<Tool>> built_in;
  built_in.push_back(std::make_unique<tools::ArithmeticTool>());
  built_in.push_back(std::make_unique<tools::UnitsTool>());
  built_in.push_back(std::make_unique<tools::DatesTool>());
  built_in.push_back(std::make_unique<tools::TextTool>());
  return built_in;
}

}  // namespace moerge
