// Files that are compiled into the binary, so that moerge runs without any file beside it. Each
// list is generated at build time. Thread-safe; never fails.
#pragma once

#include <string>
#include <vector>

namespace moerge {

struct EmbeddedFile {
  std::string name;  // base name, for example "mathematics.yaml"; used in error texts
  std::string text;
};

std::vector<EmbeddedFile> EmbeddedSkillFiles();  // config/defaults/skills
std::vector<EmbeddedFile> EmbeddedApiFiles();    // services/api/admin/openapi.json

}  // namespace moerge
