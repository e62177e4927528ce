#include "router/features/window.h"

#include <algorithm>
#include <cstdio>

#include "config/base/utf8.h"

namespace moerge {
namespace {

// The last `bytes` bytes at most, beginning at a code point.
std::string_view Tail(std::string_view text, std::size_t bytes) {
  std::size_t begin = text.size() - bytes;
  for (int i = 0; i < 3 && begin < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[begin]) & 0xC0) != 0x80) break;
    ++begin;
  }
  return text.substr(begin);
}

std::string Size(std::size_t bytes) {
  char out[32];
  if (bytes < 1024) {
    std::snprintf(out, sizeof out, "%zu bytes", bytes);
  } else if (bytes < 1024 * 1024) {
    std::snprintf(out, sizeof out, "%.1f kB", static_cast<double>(bytes) / 1024);
  } else {
    std::snprintf(out, sizeof out, "%.1f MB", static_cast<double>(bytes) / (1024 * 1024));
  }
  return out;
}

}  // namespace

Window::Window(const RequestText& text, const WindowLimits& limits) {
  Add(text.user, kFullWeight, limits.user_head, limits.user_tail);
  Add(text.system, kSystemWeight, limits.system_head, limits.system_tail);
  int weight = kEarlierWeight;
  for (std::size_t i = 0; i < text.earlier.size(); ++i) {
    if (i < limits.turns) {
      Add(text.earlier[i], weight, limits.turn_head, limits.turn_tail);
    } else {
      bytes_total_ += text.earlier[i].size();
    }
    weight = std::max(weight / 2, 1);
  }
}

void Window::Add(std::string_view text, int weight, std::size_t head, std::size_t tail) {
  bytes_total_ += text.size();
  if (text.size() <= head + tail) {
    AddPiece(text, weight);
    return;
  }
  AddPiece(utf8::Truncate(text, head), weight);
  AddPiece(Tail(text, tail), weight);
}

void Window::AddPiece(std::string_view text, int weight) {
  if (text.empty() || count_ == pieces_.size()) return;
  pieces_[count_++] = {text, weight};
  bytes_read_ += text.size();
}

std::string Window::Note() const {
  if (bytes_read_ == bytes_total_) return {};
  return "read " + Size(bytes_read_) + " of " + Size(bytes_total_) +
         ": the beginning and the end of long texts, and the newest turns";
}

}  // namespace moerge
