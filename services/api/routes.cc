#include "services/api/routes.h"

#include <algorithm>
#include <optional>
#include <set>

#include "config/base/text.h"

namespace moerge::api {
namespace {

using Parameters = std::vector<std::pair<std::string_view, std::string>>;

bool IsParameter(std::string_view segment) { return segment.starts_with("{"); }
bool TakesMany(std::string_view segment) { return segment.ends_with("...}"); }

std::string_view ParameterName(std::string_view segment) {
  const std::size_t tail = TakesMany(segment) ? 4 : 1;
  return segment.substr(1, segment.size() - 1 - tail);
}

std::string JoinSegments(const std::vector<std::string_view>& segments, std::size_t from,
                         std::size_t count) {
  std::string joined;
  for (std::size_t i = from; i < from + count; ++i) {
    if (i > from) joined += '/';
    joined += segments[i];
  }
  return joined;
}

// At most one segment of a pattern takes many, so its share is what the others leave over.
bool MatchSegments(const std::vector<std::string>& pattern,
                   const std::vector<std::string_view>& path, Parameters* parameters) {
  if (path.size() < pattern.size()) return false;
  const std::size_t spare = path.size() - pattern.size();
  std::size_t at = 0;
  bool spare_used = spare == 0;
  for (const std::string& segment : pattern) {
    const std::size_t count = TakesMany(segment) ? spare + 1 : 1;
    if (TakesMany(segment)) spare_used = true;
    if (!IsParameter(segment)) {
      if (path[at] != segment) return false;
    } else {
      std::string value = JoinSegments(path, at, count);
      if (value.empty()) return false;
      parameters->emplace_back(ParameterName(segment), std::move(value));
    }
    at += count;
  }
  return spare_used;
}

std::string MethodList(const std::set<std::string_view>& methods) {
  std::string list;
  for (const std::string_view method : methods) {
    if (!list.empty()) list += ", ";
    list += method;
  }
  return list;
}

void CollectMethods(const std::vector<const Route*>& routes, std::set<std::string_view>* methods) {
  for (const Route* route : routes) {
    methods->insert(route->method);
    if (route->method == "GET") methods->insert("HEAD");
  }
}

}  // namespace

std::string_view ApiCall::Parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return {};
}

void RouteTable::Add(std::string_view method, std::string_view pattern, Access access,
                     RouteHandler handle) {
  const Route& route = routes_.emplace_back(
      Route{std::string(method), std::string(pattern), access, std::move(handle)});
  if (pattern.find('{') == std::string_view::npos) {
    literal_[route.pattern].push_back(&route);
    return;
  }
  Shape shape;
  for (const std::string_view segment : Split(pattern, '/')) {
    shape.segments.emplace_back(segment);
    if (!IsParameter(segment)) ++shape.literals;
  }
  for (Shape& known : shapes_) {
    if (known.segments == shape.segments) return known.by_method.push_back(&route);
  }
  shape.by_method.push_back(&route);
  shapes_.push_back(std::move(shape));
  std::stable_sort(shapes_.begin(), shapes_.end(),
                   [](const Shape& a, const Shape& b) { return a.literals > b.literals; });
}

void RouteTable::StreamBody(std::string_view method, std::string_view pattern) {
  for (Route& route : routes_) {
    if (route.method == method && route.pattern == pattern) route.streams_body = true;
  }
}

const Route* RouteTable::Pick(const std::vector<const Route*>& routes, std::string_view method) {
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const Route* route : routes) {
    if (route->method == wanted) return route;
  }
  return nullptr;
}

std::string CanonicalPath(std::string_view path) {
  std::string canonical;
  canonical.reserve(path.size());
  for (const char c : path) {
    if (c != '/' || !canonical.ends_with('/')) canonical += c;
  }
  if (canonical.size() > 1 && canonical.ends_with('/')) canonical.pop_back();
  return canonical;
}

RouteTable::Match RouteTable::Find(std::string_view method, std::string_view path) const {
  Match match = FindAsIs(method, path);
  if (match.route != nullptr || !match.allow.empty() || !path.starts_with('/')) return match;
  return FindAsIs(method, "/v1" + std::string(path));
}

RouteTable::Match RouteTable::FindAsIs(std::string_view method, std::string_view path) const {
  Match match;
  std::set<std::string_view> methods;
  if (const auto literal = literal_.find(path); literal != literal_.end()) {
    match.route = Pick(literal->second, method);
    if (match.route != nullptr) return match;
    CollectMethods(literal->second, &methods);
  }
  // A thing may be called like a word that stands in its place: a policy `compare`.
  FindPattern(method, path, std::move(methods), &match);
  return match;
}

// `methods`: that the path has besides.
void RouteTable::FindPattern(std::string_view method, std::string_view path,
                             std::set<std::string_view> methods, Match* match) const {
  const std::vector<std::string_view> segments = Split(path, '/');
  for (const Shape& shape : shapes_) {
    match->parameters.clear();
    if (!MatchSegments(shape.segments, segments, &match->parameters)) continue;
    match->route = Pick(shape.by_method, method);
    if (match->route != nullptr) return;
    CollectMethods(shape.by_method, &methods);
  }
  match->parameters.clear();
  match->allow = MethodList(methods);
}

}  // namespace moerge::api
