// What a protocol's client has learnt of models from what they refused, by server and model. Not
// thread-safe: a client belongs to one loop.
#pragma once

#include <map>
#include <string>

#include "adapters/chat.h"

namespace moerge {

template <class What>
class ModelMemory {
 public:
  What Of(const ChatCall& call) const {
    if (models_.empty()) return What();  // as nearly always: no name is made for it
    const auto known = models_.find(NameOf(call));
    return known == models_.end() ? What() : known->second;
  }
  void Keep(const ChatCall& call, What what) { models_[NameOf(call)] = what; }

 private:
  static std::string NameOf(const ChatCall& call) {
    return call.backend->base_url + " " + call.expert->model;
  }

  std::map<std::string, What> models_;
};

}  // namespace moerge
