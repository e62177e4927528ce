// What classifiers read of a request: the bounded window, and the features extracted from it,
// worked out once for all of them. Made for one request on one thread; valid until that thread
// makes the next one, and no longer than the request.
#pragma once

#include <span>

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
        features_(ExtractFeatures(window_)),
        shape_(ExtractShape(window_)) {}
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  const RouteRequest& request() const { return request_; }
  const Window& window() const { return window_; }
  std::span<const Feature> features() const { return features_; }
  const ShapeFeatures& shape() const { return shape_; }

 private:
  const RouteRequest& request_;
  Window window_;
  std::span<const Feature> features_;
  ShapeFeatures shape_;
};

}  // namespace moerge
