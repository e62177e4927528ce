// What classifiers read of a request: the bounded window, and the features extracted from it,
// worked out once for all of them. Made, used and destroyed on one thread; must not outlive the
// request. The next one of the thread uses its memory again.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "router/features/shape_features.h"
#include "router/features/text_features.h"
#include "router/features/window.h"
#include "router/request.h"

namespace moerge {

class Reading {
 public:
  explicit Reading(const RouteRequest& request)
      : request_(request),
        window_(request.text),
        features_(std::move(Spare())),
        shape_(ExtractShape(window_)) {
    ExtractFeatures(window_, &features_);
  }
  ~Reading() { Spare() = std::move(features_); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  const RouteRequest& request() const { return request_; }
  const Window& window() const { return window_; }
  std::span<const Feature> features() const { return features_; }
  const ShapeFeatures& shape() const { return shape_; }

 private:
  static std::vector<Feature>& Spare() {
    thread_local std::vector<Feature> spare;
    return spare;
  }

  const RouteRequest& request_;
  Window window_;
  std::vector<Feature> features_;
  ShapeFeatures shape_;
};

}  // namespace moerge
