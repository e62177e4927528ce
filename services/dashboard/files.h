// The files of the dashboard, compiled in: built from the TypeScript in this folder where Node.js
// was there at build time, else one plain page (absent.cc) that says how to get it. Static data,
// never freed; thread-safe.
#pragma once

#include <span>
#include <string_view>

namespace moerge {

struct DashboardFile {
  std::string_view path;  // below /ui/, for example "index.html" or "assets/app-4F2K.js"
  std::string_view content_type;
  std::string_view etag;                // in its quotes
  std::span<const unsigned char> gzip;  // the content, compressed
  bool immutable = false;  // its path holds a hash of its content: it may be kept for ever
};

// "index.html" is always among them.
std::span<const DashboardFile> DashboardFiles();

}  // namespace moerge
