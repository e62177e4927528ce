// Command-line options of the benchmark programs: `--name value`, all of them optional or required
// as the program says. Single thread. A mistake prints one line and exits with code 2.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace moerge::bench {

[[noreturn]] inline void Refuse(const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  std::exit(2);
}

class Options {
 public:
  // `allowed` names every option without its dashes.
  Options(int argc, char** argv, const std::vector<std::string>& allowed) {
    for (const std::string& name : allowed) values_[name] = {};
    for (int i = 1; i < argc; i += 2) Add(argv[i], i + 1 < argc ? argv[i + 1] : nullptr);
  }

  long Number(const std::string& name, long fallback) const {
    const std::vector<std::string>& given = values_.at(name);
    if (given.empty()) return fallback;
    char* end = nullptr;
    const long value = std::strtol(given.back().c_str(), &end, 10);
    if (given.back().empty() || *end != '\0' || value < 0) {
      Refuse("--" + name + ": expected a whole number from 0, got '" + given.back() + "'");
    }
    return value;
  }

  std::string Text(const std::string& name, const std::string& fallback) const {
    const std::vector<std::string>& given = values_.at(name);
    return given.empty() ? fallback : given.back();
  }

  const std::vector<std::string>& All(const std::string& name) const { return values_.at(name); }

 private:
  void Add(const std::string& argument, const char* value) {
    const auto found = values_.find(argument.rfind("--", 0) == 0 ? argument.substr(2) : "");
    if (found == values_.end()) Refuse("unknown option '" + argument + "'; there are:" + Names());
    if (value == nullptr) Refuse("option '" + argument + "' needs a value");
    found->second.emplace_back(value);
  }

  std::string Names() const {
    std::string names;
    for (const auto& [name, given] : values_) names += " --" + name;
    return names;
  }

  std::map<std::string, std::vector<std::string>> values_;
};

}  // namespace moerge::bench
