// What /ui/ shows where moerge was built without Node.js. Compiled in place of what build.mjs
// writes.
#include <array>
#include <cstddef>
#include <cstdint>

#include "services/dashboard/files.h"

namespace moerge {
namespace {

constexpr std::string_view kAbsentPage =
    "<!doctype html>\n"
    "<html lang=\"en\"><head><meta charset=\"utf-8\"><title>moerge</title></head><body>\n"
    "<h1>moerge</h1>\n"
    "<p>This moerge runs and answers requests; its dashboard was not built, because Node.js (18 or "
    "newer, with npm)\n"
    "was missing or could not fetch the packages that the dashboard is built with.</p>\n"
    "<p>To get it, on Debian or Ubuntu: <code>apt-get install nodejs npm</code>, then build moerge "
    "again\n"
    "(<code>cmake --preset release</code> and <code>cmake --build --preset release</code>, or "
    "<code>deploy/quickstart.sh</code>).</p>\n"
    "<p>Without it: the command line (<code>moerge --help</code>) and the API, described at\n"
    "<a href=\"/openapi.json\">/openapi.json</a>.</p>\n"
    "</body></html>\n";

constexpr std::uint32_t Crc32(std::string_view bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
  }
  return ~crc;
}

constexpr std::size_t kHeadBytes = 10, kBlockBytes = 5, kTailBytes = 8;

// As one stored block: a page this small needs no compression, and none is linked in for it.
constexpr auto StoredGzip() {
  static_assert(kAbsentPage.size() < 0x10000);
  std::array<unsigned char, kHeadBytes + kBlockBytes + kAbsentPage.size() + kTailBytes> gzip{
      0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1};
  const std::uint32_t size = kAbsentPage.size(), crc = Crc32(kAbsentPage);
  std::size_t at = kHeadBytes + 1;
  for (const std::uint32_t length : {size, ~size}) {
    gzip[at++] = length & 0xff;
    gzip[at++] = (length >> 8) & 0xff;
  }
  for (const char byte : kAbsentPage) gzip[at++] = static_cast<unsigned char>(byte);
  for (const std::uint32_t word : {crc, size}) {
    for (int shift = 0; shift < 32; shift += 8) gzip[at++] = (word >> shift) & 0xff;
  }
  return gzip;
}

constexpr auto kAbsentGzip = StoredGzip();
constexpr DashboardFile kAbsentFiles[] = {
    {"index.html", "text/html; charset=utf-8", "\"no-dashboard\"", kAbsentGzip, false}};

}  // namespace

std::span<const DashboardFile> DashboardFiles() { return kAbsentFiles; }

}  // namespace moerge
