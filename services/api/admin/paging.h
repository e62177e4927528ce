// ?limit=, ?after=, ?find= and filters of lists. Thread-safe, pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/base/json.h"
#include "config/base/result.h"
#include "registry/types.h"
#include "services/api/admin/search.h"
#include "services/http/exchange.h"

namespace moerge::api {

struct Page {
  int limit = 100;    // 1..1000
  std::string after;  // names up to and including this one are left out; empty: from the start
  Search search;      // what it does not take is left out
};

// Errors: kInvalid, param "limit".
Result<Page> ReadPage(const http::Request& request);
Result<int> ReadLimit(const http::Request& request, int preset);

// One page of `items`, which are in the order of their names, as a list of this revision.
// `spec_of(item)` is what is searched, and has the name; `write(item, writer)` writes one.
template <class Items, class SpecOf, class Write>
std::string PageJson(const Page& page, std::uint64_t revision, const Items& items,
                     const SpecOf& spec_of, const Write& write) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "list").Field("revision", revision);
  writer.Key("data").BeginArray();
  int count = 0;
  bool more = false;
  for (const auto& item : items) {
    const auto& spec = spec_of(item);
    if (!page.after.empty() && std::string_view(spec.name) <= page.after) continue;
    if (!page.search.Takes([&](std::string_view word) { return HasWord(spec, word); })) continue;
    more = count++ == page.limit;
    if (more) break;
    write(item, writer);
  }
  writer.EndArray().Field("has_more", more).EndObject();
  return out;
}

// A list of what is written already: JSON values with commas between them.
std::string ListJson(std::string_view items, bool has_more);

// ?name=true or false; left alone where it is not given. Errors: kInvalid, param `name`.
Status TakeFlag(const http::Request& request, std::string_view name, bool* out);

// A filter of a list: a text that must be equal, or a time; left alone where it is not given.
void TakeTextFilter(const http::Request& request, std::string_view name,
                    std::optional<std::string>* out);
// Errors: kInvalid, param `name`.
Status TakeTimeFilter(const http::Request& request, std::string_view name,
                      std::optional<WallTime>* out);

}  // namespace moerge::api
