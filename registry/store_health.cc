#include "registry/store_health.h"

#include <utility>

#include "config/base/log.h"

namespace moerge {
namespace {

constexpr std::array<std::string_view, StoreHealth::kParts> kPartNames = {"registry", "decisions",
                                                                          "file"};

}  // namespace

StoreHealth::StoreHealth(Metrics& metrics) {
  for (std::size_t i = 0; i < kParts; ++i) {
    gauges_[i] = &metrics.GetGauge("moerge_store_ok", "1 while this part of the store can be used",
                                   {{"part", std::string(kPartNames[i])}});
    gauges_[i]->Set(1);
  }
}

void StoreHealth::Set(Part part, const Status& status) {
  const auto at = static_cast<std::size_t>(part);
  std::string now = status.ok() ? std::string() : status.error().message;
  {
    const std::lock_guard lock(mutex_);
    if (why_[at] == now) return;
    why_[at] = now;
  }
  gauges_[at]->Set(status.ok() ? 1 : 0);
  if (status.ok()) return LogInfo("the store can be used again", {{"part", kPartNames[at]}});
  LogError("the store cannot be used as it should be",
           {{"part", kPartNames[at]}, {"why", now}, {"detail", status.error().detail}});
}

std::string StoreHealth::Why(Part part) const {
  const std::lock_guard lock(mutex_);
  return why_[static_cast<std::size_t>(part)];
}

std::string_view StoreHealth::Failing() const {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < kParts; ++i) {
    if (!why_[i].empty()) return kPartNames[i];
  }
  return {};
}

}  // namespace moerge
