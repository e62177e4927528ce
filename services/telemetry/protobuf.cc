#include "services/telemetry/protobuf.h"

namespace moerge::protobuf {

bool Reader::TakeVarint(std::uint64_t* value) {
  *value = 0;
  for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    *value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool Reader::TakeFixed(std::size_t size) {
  if (rest_.size() < size) return false;
  number_ = 0;
  std::memcpy(&number_, rest_.data(), size);
  rest_.remove_prefix(size);
  return true;
}

bool Reader::Next() {
  std::uint64_t tag = 0;
  if (rest_.empty() || !TakeVarint(&tag) || tag >> 3 == 0 || tag >> 32 != 0) return false;
  field_ = static_cast<int>(tag >> 3);
  wire_ = static_cast<Wire>(tag & 7);
  switch (wire_) {
    case Wire::kVarint: return TakeVarint(&number_);
    case Wire::kFixed64: return TakeFixed(8);
    case Wire::kFixed32: return TakeFixed(4);
    case Wire::kBytes: break;
    default: return false;
  }
  if (!TakeVarint(&number_) || number_ > rest_.size()) return false;
  bytes_ = rest_.substr(0, number_);
  rest_.remove_prefix(number_);
  return true;
}

}  // namespace moerge::protobuf
