// The files of config/defaults that are compiled into the binary, so that moerge runs without any
// file beside it. Thread-safe; never fails.
#pragma once

#include <string>
#include <vector>

namespace moerge {

struct EmbeddedFile {
  std::string name;  // base name, for example "mathematics.yaml"; used in error texts
  std::string text;
};

std::vector<EmbeddedFile> EmbeddedSkillFiles();

}  // namespace moerge
