// The configuration as a list of settings, each with its value and where that comes from: what a
// person sees who asks why this server does what it does. Thread-safe, pure.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace moerge {

struct Setting {
  std::string path;   // as in the file: "server.log.level"
  std::string value;  // as the file writes it; lists joined by ", "
  ValueSource source = ValueSource::kDefault;
  bool restart = false;  // a change of it takes effect with a restart
};

// All but the lists of backends, experts, skills, policies and keys. Holds no secret.
std::vector<Setting> SettingsOf(const Config& config);

}  // namespace moerge
