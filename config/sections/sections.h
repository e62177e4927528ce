// The readers of the configuration file's sections: each takes its node (null: absent) and fills
// its part of the Config, putting every mistake into the context. Not thread-safe; nothing throws.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "config/config.h"
#include "config/yaml/field_reader.h"

namespace moerge {

void ReadServer(FieldReader& top, Config* config, ReadContext* context);
void ReadStore(FieldReader& top, Config* config, ReadContext* context);
void ReadProfiles(FieldReader& top, Config* config, ReadContext* context);
void ReadSandbox(FieldReader& top, Config* config, ReadContext* context);
void ReadTelemetry(FieldReader& top, Config* config, ReadContext* context);
void ReadTools(FieldReader& top, Config* config, ReadContext* context);
void ReadBackends(FieldReader& top, Config* config, ReadContext* context);
// REQUIRES: the backends were read.
void ReadExperts(FieldReader& top, Config* config, ReadContext* context);
void ReadSkills(FieldReader& top, Config* config, ReadContext* context);
// REQUIRES: the backends and experts were read.
void ReadPolicies(FieldReader& top, Config* config, ReadContext* context);
void ReadKeys(FieldReader& top, Config* config, ReadContext* context);

// Refuses a name that an earlier entry of the same list has.
class UniqueNames {
 public:
  void Add(const std::string& name, FieldReader* in);

 private:
  std::unordered_map<std::string, int> lines_;
};

// `config`: whose backends and experts the policy may refer to; null: any, it stands alone.
Policy ReadPolicy(const YamlPtr& node, const std::string& path, ReadContext* context,
                  UniqueNames* names, const Config* config);
Skill ReadSkill(const YamlPtr& node, const std::string& path, ReadContext* context,
                UniqueNames* names);

}  // namespace moerge
