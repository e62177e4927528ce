// The request of a kept decision, as routing reads it. Immutable; any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "config/base/json.h"
#include "config/base/result.h"
#include "router/request.h"

namespace moerge {

class KeptRequest {
 public:
  // `json`: the whole decision. Errors: kConflict, it was kept without its text; kInternal,
  // damaged.
  static Result<std::shared_ptr<const KeptRequest>> Read(std::string json);
  KeptRequest(const KeptRequest&) = delete;
  KeptRequest& operator=(const KeptRequest&) = delete;

  json::Value decision() const { return document_.root(); }
  std::string_view id() const { return Text("id"); }
  std::string_view time() const { return Text("time"); }
  std::string_view model() const { return Text("model"); }
  // By which it was decided, one on trial included; empty: an expert was named.
  std::string_view policy() const;
  // Its ceilings are the request's own. Without signals: those are in decision(). Views point into
  // this object.
  RouteRequest route() const;

 private:
  KeptRequest(std::shared_ptr<const std::string> json, json::Document document)
      : json_(std::move(json)), document_(std::move(document)) {}
  std::string_view Text(std::string_view key) const { return StringAt(decision(), key); }

  std::shared_ptr<const std::string> json_;
  json::Document document_;
};
using KeptRequestPtr = std::shared_ptr<const KeptRequest>;

}  // namespace moerge
