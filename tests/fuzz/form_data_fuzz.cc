// multipart/form-data: wherever the bytes are cut, the parts are the same, and what is pending does
// not grow with them.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "services/api/form_data.h"

namespace {

using moerge::Ok;
using moerge::Status;
using moerge::api::FormPart;
using moerge::api::FormReader;

struct PartsSeen final : moerge::api::FormSink {
  Status Begin(FormPart part) override {
    all += "<" + part.name + "|" + part.filename + ">";
    return Ok{};
  }
  Status Content(std::string_view bytes) override {
    if (bytes.empty()) std::abort();
    all += bytes;
    return Ok{};
  }
  std::string all;
};

// The parts, or that they are wrong: then what came before does not matter. `cuts`: a seed of
// pieces of 1 to 40 bytes; 0: all at once.
std::string PartsOf(std::string_view type, std::string_view body, std::uint32_t cuts) {
  auto reader = FormReader::Open(type);
  if (!reader) return "another type";
  PartsSeen parts;
  while (!body.empty()) {
    cuts = cuts == 0 ? 0 : (cuts * 1664525 + 1013904223) | 1;
    const std::size_t most = cuts == 0 ? body.size() : 1 + (cuts >> 24) % 40;
    const std::size_t size = std::min(body.size(), most);
    if (!reader->Read(body.substr(0, size), parts)) return "wrong";
    body.remove_prefix(size);
  }
  return reader->End() ? parts.all : "wrong";
}

}  // namespace

// The first line is the content type, if it is one; else a usual one stands for it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  std::string_view type = "multipart/form-data; boundary=b";
  if (input.starts_with("multipart/")) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    type = input.substr(0, end);
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  const std::string whole = PartsOf(type, input, 0);
  for (const std::uint32_t cuts : {1u, 2u, static_cast<std::uint32_t>(size)}) {
    if (PartsOf(type, input, cuts) != whole) std::abort();
  }
  return 0;
}
