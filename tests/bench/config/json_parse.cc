// CPU of reading request bodies: json::Document beside RapidJSON's own document, which is told to
// be as strict as it can be; and what writing a small object costs with each of the three writers.
// Prints; asserts nothing.
//
//   bench_json_parse [ROUNDS]
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/openai_reply.h"
#include "config/base/json.h"
#include "config/base/random.h"
#include "config/base/text_buffer.h"

namespace moerge {
namespace {

std::string Words(std::size_t bytes, Random& random) {
  constexpr const char* kWords[] = {"the",   "gateway", "routes",  "\"each\"", "r\xC3\xA9ponse",
                                    "to",    "an",      "expert;", "\n",       "\xE4\xB8\xAD",
                                    "which", "answers", "it",      "quickly.", "cost\t0.25"};
  std::string text;
  while (text.size() < bytes) text.append(kWords[random.Below(std::size(kWords))]).append(" ");
  return text;
}

// Turns of about a kilobyte each.
std::string Chat(std::size_t bytes, Random& random) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("model", "auto").Field("temperature", 0.7).Field("stream", true);
  writer.Key("messages").BeginArray();
  const std::size_t turn = std::min<std::size_t>(bytes / 2, 1000);
  for (std::size_t left = bytes; left > 0; left -= std::min(left, turn)) {
    writer.BeginObject().Field("role", left % 2 == 0 ? "user" : "assistant");
    writer.Field("content", Words(turn, random)).EndObject();
  }
  writer.EndArray().EndObject();
  return out;
}

std::string Images(std::size_t bytes, Random& random) {
  constexpr std::string_view kBase64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("model", "auto").Key("messages").BeginArray().BeginObject();
  writer.Field("role", "user").Key("content").BeginArray();
  for (int i = 0; i < 4; ++i) {
    std::string url = "data:image/png;base64,";
    while (url.size() < bytes / 4) url += kBase64[random.Below(kBase64.size())];
    writer.BeginObject().Field("type", "image_url").Key("image_url").BeginObject();
    writer.Field("url", url).EndObject().EndObject();
  }
  writer.EndArray().EndObject().EndArray().EndObject();
  return out;
}

std::string Ones(std::size_t values) {
  std::string out = "{\"x\":[1";
  for (std::size_t i = 4; i < values; ++i) out += ",1";
  return out + "]}";
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Microseconds of a call, the best of five.
template <class Call>
double Measure(int rounds, Call&& call) {
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    const double begin = CpuSeconds();
    for (int round = 0; round < rounds; ++round) call();
    best = std::min(best, (CpuSeconds() - begin) / rounds * 1e6);
  }
  return best;
}

bool OurParse(std::string_view text) { return json::Document::Parse(text).ok(); }

bool PlainRapidJson(std::string_view text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag |
                 rapidjson::kParseNumbersAsStringsFlag>(text.data(), text.size());
  return !document.HasParseError();
}

void CompareReading(int rounds) {
  Random random(1);
  const struct {
    const char* name;
    std::string text;
    int rounds;
  } bodies[] = {{"chat of 1 KB", Chat(1000, random), rounds},
                {"chat of 100 KB", Chat(100'000, random), rounds / 50},
                {"images of 4 MB", Images(4'000'000, random), rounds / 1000},
                {"1,000,000 values", Ones(1'000'000), 1},
                {"15,000,000 values", Ones(15'000'000), 1}};
  std::printf("%-20s %10s %12s %12s %7s\n", "body", "bytes", "ours, us", "RapidJSON", "ratio");
  for (const auto& body : bodies) {
    const int times = std::max(body.rounds, 1);
    const double ours = Measure(times, [&] { (void)OurParse(body.text); });
    const double plain = Measure(times, [&] { (void)PlainRapidJson(body.text); });
    std::printf("%-20s %10zu %12.2f %12.2f %7.2f%s\n", body.name, body.text.size(), ours, plain,
                ours / plain, OurParse(body.text) ? "" : "  (refused)");
  }
}

void CompareWriting(int rounds) {
  constexpr std::string_view kText = "the expert's answer, of a few words and \"marks\"";
  std::string out;
  const double string = Measure(rounds, [&] {
    out.clear();
    json::Writer writer(&out);
    writer.BeginObject().Field("id", "0123456789abcdef").Field("score", 0.8725);
    writer.Field("tokens", 1234).Field("text", kText).EndObject();
  });
  TextBuffer pieces;
  const double buffer = Measure(rounds, [&] {
    pieces.Clear();
    pieces.Append("{\"id\":");
    pieces.AppendQuoted("0123456789abcdef");
    pieces.Append(",\"score\":");
    pieces.AppendDecimal(0.8725, 4);
    pieces.Append(",\"tokens\":");
    pieces.AppendInt(1234);
    pieces.Append(",\"text\":");
    pieces.AppendQuoted(kText);
    pieces.Append('}');
  });
  rapidjson::StringBuffer kept;
  rapidjson::Writer<rapidjson::StringBuffer> writer;
  const double plain = Measure(rounds, [&] {
    kept.Clear();
    writer.Reset(kept);
    writer.StartObject();
    writer.Key("id");
    writer.String("0123456789abcdef");
    writer.Key("score");
    writer.Double(0.8725);
    writer.Key("tokens");
    writer.Int(1234);
    writer.Key("text");
    writer.String(kText.data(), static_cast<rapidjson::SizeType>(kText.size()));
    writer.EndObject();
  });
  std::printf(
      "writing an object of %zu bytes, ns: json::Writer %.0f, TextBuffer %.0f, "
      "rapidjson::Writer %.0f\n",
      out.size(), string * 1e3, buffer * 1e3, plain * 1e3);
}

void MeasureChunk(int rounds) {
  constexpr std::string_view kChunk =
      R"({"id":"chatcmpl-0123456789","object":"chat.completion.chunk","created":1700000000,)"
      R"("model":"small-model","choices":[{"index":0,"delta":{"content":" token"},)"
      R"("logprobs":null,"finish_reason":null}]})";
  const double chunk = Measure(rounds, [&] {
    OpenAiChunk seen;
    (void)ScanOpenAiChunk(kChunk, &seen);
  });
  std::printf("looking through a streamed chunk of %zu bytes: %.0f ns\n", kChunk.size(),
              chunk * 1e3);
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 5'000;
  moerge::CompareReading(rounds);
  moerge::MeasureChunk(10 * rounds);
  moerge::CompareWriting(10 * rounds);
}
