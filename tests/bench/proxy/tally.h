// What a run of the stream client adds up to, and its one line of JSON. Single thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

namespace moerge::bench {

// `share` in 0..1; 0 when there are no values. Sorts them.
inline double Percentile(std::vector<uint32_t>& values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
}

struct Tally {
  long streams = 0;  // complete ones, with every event and [DONE]
  long failed = 0;
  long chunks = 0;
  long reads = 0;  // that brought a part of a body
  long concurrent = 0;
  long most_concurrent = 0;  // streams between first byte and end, at once
  double seconds = 0;
  std::vector<uint32_t> first_byte_us;  // request sent to first byte of the body
  std::vector<uint32_t> whole_us;
  std::map<std::string, long> failures;  // by reason

  void Fail(const std::string& reason) {
    ++failed;
    ++failures[reason];
  }

  void Began() { most_concurrent = std::max(most_concurrent, ++concurrent); }

  void Print() {
    std::printf("{\"streams\":%ld,\"failed\":%ld,\"chunks\":%ld,\"reads\":%ld,", streams, failed,
                chunks, reads);
    std::printf("\"most_concurrent\":%ld,\"seconds\":%.3f,\"chunks_per_second\":%.0f,",
                most_concurrent, seconds,
                seconds > 0 ? static_cast<double>(chunks) / seconds : 0.0);
    PrintTimes("first_byte", first_byte_us);
    PrintTimes("whole", whole_us);
    std::printf("\"failures\":{");
    const char* comma = "";
    for (const auto& [reason, count] : failures) {
      std::printf("%s\"%s\":%ld", comma, reason.c_str(), count);
      comma = ",";
    }
    std::printf("}}\n");
    std::fflush(stdout);
  }

 private:
  static void PrintTimes(const char* name, std::vector<uint32_t>& values) {
    std::printf("\"%s_p50_us\":%.0f,", name, Percentile(values, 0.5));
    std::printf("\"%s_p99_us\":%.0f,", name, Percentile(values, 0.99));
  }
};

}  // namespace moerge::bench
