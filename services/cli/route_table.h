// moerge route --train: routes a file of prompts with what one results table teaches.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace moerge::cli {

struct TableRouteArguments {
  std::string train;  // rows {id, prompt, category?, scores}
  std::string in;     // rows {id, prompt}; "-" is standard input
  std::string out = "-";
  std::vector<std::string> pool;
  int experts = 1;
  double price_weight = 0;
  std::uint64_t seed = 0;
  bool strict = false;

  void AddOptions(CLI::App& command);
};

// One line of JSON per prompt, in their order. Gives the exit code.
int RunTableRoute(const TableRouteArguments& arguments, const std::string& recruiter);

}  // namespace moerge::cli
