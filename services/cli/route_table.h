// moerge route --train: routes a file of prompts with what one results table teaches.
#pragma once

#include <cstdint>
#include <optional>
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
  std::optional<int> experts;
  std::optional<int> max_experts;
  std::optional<double> confidence;
  std::optional<double> price_weight;
  std::uint64_t seed = 0;
  bool strict = false;

  void AddOptions(CLI::App& command);
};

// One line of JSON per prompt, in their order. `policy`: "auto", the name of a recruiter or of a
// classifier, or a file with a policy. Gives the exit code.
int RunTableRoute(const TableRouteArguments& arguments, const std::string& policy);

}  // namespace moerge::cli
