#include "config/base/json.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>

namespace moerge::json {

std::string_view TypeName(Type type) {
  switch (type) {
    case Type::kNull: return "null";
    case Type::kFalse:
    case Type::kTrue: return "a boolean";
    case Type::kNumber: return "a number";
    case Type::kString: return "a string";
    case Type::kArray: return "an array";
    case Type::kObject: return "an object";
  }
  return "nothing";
}

Type Value::type() const { return present() ? document_->nodes_[index_].type : Type::kNull; }

std::size_t Value::begin() const { return present() ? document_->nodes_[index_].begin : 0; }

std::size_t Value::end() const { return present() ? document_->nodes_[index_].end : 0; }

std::string_view Value::raw() const {
  return present() ? document_->text_.substr(begin(), end() - begin()) : std::string_view();
}

std::optional<std::string_view> Value::AsString() const {
  if (!is_string()) return std::nullopt;
  return document_->StringAt(index_);
}

std::optional<bool> Value::AsBool() const {
  if (!is_bool()) return std::nullopt;
  return type() == Type::kTrue;
}

std::optional<std::int64_t> Value::AsInt() const {
  if (!is_number()) return std::nullopt;
  const std::string_view text = raw();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  // 1.0 and 1e3 are integral too.
  const std::optional<double> real = AsDouble();
  if (!real || std::abs(*real) > 9007199254740992.0 || *real != std::floor(*real)) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*real);
}

std::optional<double> Value::AsDouble() const {
  if (!is_number()) return std::nullopt;
  const std::string_view text = raw();
  double number = 0;
  const auto error = std::from_chars(text.data(), text.data() + text.size(), number).ec;
  if (error == std::errc::result_out_of_range) {
    // from_chars does not tell overflow from underflow; a vanishing number is simply zero.
    number = std::strtod(std::string(text).c_str(), nullptr);
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
  }
  if (error != std::errc() || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::size_t Value::size() const { return present() ? document_->nodes_[index_].count : 0; }

Value Value::Find(std::string_view key) const {
  if (!is_object()) return Value();
  for (const Value child : children()) {
    if (child.key() == key) return child;
  }
  return Value();
}

std::string_view Value::key() const {
  if (!present() || !document_->nodes_[index_].member) return {};
  return document_->StringAt(index_ - 1);
}

std::size_t Value::member_begin() const {
  if (!present() || !document_->nodes_[index_].member) return 0;
  return document_->nodes_[index_ - 1].begin;
}

Value::Iterator& Value::Iterator::operator++() {
  const bool member = document_->nodes_[index_].member;
  index_ = document_->Next(index_) + (member ? 1 : 0);  // over the next one's key
  return *this;
}

Value::Range Value::children() const {
  if (!is_array() && !is_object()) return Range(Iterator(document_, 0), Iterator(document_, 0));
  const std::uint32_t key = is_object() ? 1 : 0;
  return Range(Iterator(document_, index_ + 1 + key),
               Iterator(document_, document_->nodes_[index_].link + key));
}

std::uint32_t Document::Next(std::uint32_t index) const {
  const Node& node = nodes_[index];
  return node.type == Type::kArray || node.type == Type::kObject ? node.link : index + 1;
}

std::string_view Document::StringAt(std::uint32_t index) const {
  const Node& node = nodes_[index];
  if (node.link == kPlain) {
    return {text_.data() + node.begin + 1, node.end - node.begin - std::size_t{2}};
  }
  const char* const end = decoded_.data() + node.link;
  std::uint32_t size = 0;
  std::memcpy(&size, end, sizeof size);
  return {end - size, size};
}

}  // namespace moerge::json
