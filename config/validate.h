// Whether one configured thing makes sense by itself: names, ranges, addresses. The configuration
// file and the API use the same checks, so a mistake reads the same in both. Thread-safe, pure.
// Errors: kInvalid; `param` is the field, `message` says what is allowed there and never repeats
// what could be a secret.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "config/entities.h"

namespace moerge {

// The first mistake, or Ok.
Status Validate(const Backend& backend);
Status Validate(const Expert& expert);
Status Validate(const Skill& skill);
Status Validate(const Policy& policy);
Status Validate(const ApiKey& key);  // its hash too

// All mistakes, in the order of the fields.
std::vector<Error> FindMistakes(const Backend& backend);
std::vector<Error> FindMistakes(const Expert& expert);
std::vector<Error> FindMistakes(const Skill& skill);
std::vector<Error> FindMistakes(const Policy& policy);
// All but its hash. Names of keys in the file may be any text.
std::vector<Error> FindMistakes(const ApiKey& key);

// Of headers that are sent to a server of the configuration.
std::vector<Error> FindMistakes(const std::map<std::string, std::string>& headers);
// Empty if `url` may be a backend's base_url, else what is allowed.
std::string_view WrongBaseUrl(std::string_view url);
// 64 lower-case hexadecimal digits.
bool IsSha256(std::string_view text);

}  // namespace moerge
