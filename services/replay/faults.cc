#include "services/replay/faults.h"

#include <string>
#include <vector>

#include "config/base/random.h"

namespace moerge {

Fault PickFault(const FaultRates& rates, std::uint64_t seed, std::uint64_t request) {
  Random random(seed * 0x9E3779B97F4A7C15ULL + request);
  double left = random.Uniform();
  const std::pair<double, Fault> table[] = {{rates.error, Fault::kError},
                                            {rates.refuse, Fault::kRefuse},
                                            {rates.cut, Fault::kCut},
                                            {rates.stall, Fault::kStall},
                                            {rates.malformed, Fault::kMalformed}};
  for (const auto& [rate, fault] : table) {
    if (left < rate) return fault;
    left -= rate;
  }
  return Fault::kNone;
}

std::string_view MalformedReply(std::uint64_t which) {
  static const std::vector<std::string> kReplies = {
      "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 27\r\n\r\n"
      "<html><body>hi</body></html",
      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 13\r\n\r\n"
      "{\"choices\": [",
      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\r\nnull",
      "HTTP/1.1 2x0 WHAT\r\n\r\n",
      "\x01\x02\x03 this is not HTTP \xff\xfe\r\n\r\n",
      "HTTP/1.1 200 OK\r\nx-huge: " + std::string(256 << 10, 'h') + "\r\n\r\n",
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: " +
          std::string(2 << 20, 'e'),
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
      "zz\r\nnot a chunk\r\n",
  };
  return kReplies[which % kReplies.size()];
}

}  // namespace moerge
