// Which parts of a request are read for routing: bounded, so that a prompt of any length costs the
// same, and weighted, so that the last user turn counts most. Pure; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "router/request.h"

namespace moerge {

// How many bytes of each part are read: the first and the last ones of a longer text.
struct WindowLimits {
  std::size_t user_head = 6 << 10;
  std::size_t user_tail = 2 << 10;
  std::size_t system_head = 1536;
  std::size_t system_tail = 512;
  std::size_t turn_head = 768;  // of each earlier turn
  std::size_t turn_tail = 256;
  std::size_t turns = 4;  // the newest earlier ones
};

class Window {
 public:
  struct Piece {
    std::string_view text;
    int weight;  // in units of 1/kFullWeight
  };
  static constexpr int kFullWeight = 64;  // of the last user turn
  static constexpr int kSystemWeight = 12;
  static constexpr int kEarlierWeight =
      16;  // of the newest earlier turn; halved for each older one
  static constexpr std::size_t kMaxPieces = 12;

  explicit Window(const RequestText& text, const WindowLimits& limits = {});

  std::span<const Piece> pieces() const { return {pieces_.data(), count_}; }
  std::size_t bytes_read() const { return bytes_read_; }
  std::size_t bytes_total() const { return bytes_total_; }
  // What was left out, in plain words; empty if nothing was.
  std::string Note() const;

 private:
  void Add(std::string_view text, int weight, std::size_t head, std::size_t tail);
  void AddPiece(std::string_view text, int weight);

  std::array<Piece, kMaxPieces> pieces_;
  std::size_t count_ = 0;
  std::size_t bytes_read_ = 0;
  std::size_t bytes_total_ = 0;
};

}  // namespace moerge
