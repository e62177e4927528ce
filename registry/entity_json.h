// Backends, experts, skills, policies and keys as JSON objects, the form the store keeps them in.
// The name and the origin are stored separately. Thread-safe, pure.
//
// Reading: a missing member keeps its default, so that fields may be added without a migration.
// Errors: kInternal, not an object or a member of the wrong type.
#pragma once

#include <string>
#include <string_view>

#include "config/base/result.h"
#include "config/entities.h"

namespace moerge {

std::string ToJson(const Backend& entity);
std::string ToJson(const Expert& entity);
std::string ToJson(const Skill& entity);
std::string ToJson(const Policy& entity);
std::string ToJson(const ApiKey& entity);

Status FromJson(std::string_view json, Backend* entity);
Status FromJson(std::string_view json, Expert* entity);
Status FromJson(std::string_view json, Skill* entity);
Status FromJson(std::string_view json, Policy* entity);
Status FromJson(std::string_view json, ApiKey* entity);

}  // namespace moerge
