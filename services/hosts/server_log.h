// The last lines that a server process wrote, within bounds. Any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace moerge {

class ServerLog {
 public:
  static constexpr std::size_t kLines = 500;
  static constexpr std::size_t kLongest = 2000;  // bytes of a line; the rest is left out

  // Pieces as they come; a line ends with a line break or with EndLine.
  void Write(std::string_view text);
  void EndLine();
  // A line of moerge's own.
  void Note(std::string_view line);

  std::vector<std::string> Lines() const;
  std::string LastLine() const;  // of the server's; empty: it has written nothing

 private:
  void Keep(std::string line);

  mutable std::mutex mutex_;  // guards what follows
  std::deque<std::string> lines_;
  std::string begun_;
  std::string last_;
};

}  // namespace moerge
