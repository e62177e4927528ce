// Trained models as bytes, for the cache: plain numbers in the machine's order behind a length
// check. Not a format for exchange. A Reader never reads past the end; after the first short read
// it gives zeros and ok() is false.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace moerge {

class ByteWriter {
 public:
  template <class T>
  requires std::is_trivially_copyable_v<T>
  void Put(const T& value) { out_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void PutText(std::string_view text) {
    Put<std::uint64_t>(text.size());
    out_.append(text);
  }
  template <class T>
  void PutAll(const std::vector<T>& values) {
    Put<std::uint64_t>(values.size());
    out_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  bool AtEnd() const { return bytes_.empty(); }

  template <class T>
  requires std::is_trivially_copyable_v<T> T Get() {
    T value{};
    if (const std::string_view part = Cut(sizeof value); !part.empty()) {
      std::memcpy(&value, part.data(), sizeof value);
    }
    return value;
  }
  std::string GetText() { return std::string(Cut(Get<std::uint64_t>())); }
  template <class T>
  std::vector<T> GetAll() {
    const auto count = Get<std::uint64_t>();
    if (count > bytes_.size() / sizeof(T)) ok_ = false;
    std::vector<T> values(ok_ ? count : 0);
    const std::string_view part = Cut(values.size() * sizeof(T));
    if (!part.empty()) std::memcpy(values.data(), part.data(), part.size());
    return values;
  }

 private:
  std::string_view Cut(std::uint64_t count) {
    if (!ok_ || count > bytes_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view part = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return part;
  }

  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace moerge
