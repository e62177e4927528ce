// Alarms, and what the versions of a policy did, as JSON. Thread-safe, pure.
#pragma once

#include <string>

#include "config/base/json.h"
#include "config/entities.h"
#include "services/watch/success_watch.h"

namespace moerge::api {

void WriteAlarm(const Alarm& alarm, json::Writer& writer);
// `figures` null: what a dry run shows, of a trial that has not begun.
std::string TrialJson(const Policy& candidate, const TrialFigures* figures);

}  // namespace moerge::api
