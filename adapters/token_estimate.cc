#include "adapters/token_estimate.h"

#include <algorithm>
#include <cmath>

#include "adapters/openai_fields.h"
#include "adapters/picture_size.h"

namespace moerge {
namespace {

// A picture as OpenAI counts: scaled into a square of 2048, then to 768 on its shorter side, and
// cut into tiles of 512.
constexpr std::int64_t kTokensPerPicture = 85;
constexpr std::int64_t kTokensPerTile = 170;
constexpr double kLongestSide = 2048;
constexpr double kShorterSide = 768;
constexpr double kTile = 512;
constexpr PictureSize kUsualSize{1024, 1024};  // of one that is only named
constexpr std::int64_t kTokensPerMessage = 4;
constexpr double kTokensPerSecond = 10;  // of speech

// Members of a message that are not text for the model.
bool IsFrame(std::string_view key) {
  return key == "role" || key == "tool_call_id" || key == "cache_control" || key == "annotations";
}

std::size_t BytesOf(const json::Value& value) {
  if (value.is_null()) return 0;
  const auto text = value.AsString();
  return text ? text->size() : value.raw().size();
}

// False: the part is neither.
bool CountMedia(const json::Value& part, MediaTokens* media) {
  const std::string_view type = StringAt(part, "type");
  if (type == "image_url") {
    const json::Value image = part.Find("image_url");
    const std::string_view url = image.AsString().value_or(StringAt(image, "url"));
    media->images += EstimatePictureTokens(url, StringAt(image, "detail"));
  } else if (type == "input_audio") {
    const json::Value audio = part.Find("input_audio");
    media->audio += EstimateAudioTokens(StringAt(audio, "data"), StringAt(audio, "format"));
  } else if (type == "file") {
    media->images += EstimatePictureTokens({}, {});
  } else {
    return false;
  }
  return true;
}

std::int64_t ContentTokens(const json::Value& content) {
  if (!content.is_array()) return EstimateTokens(BytesOf(content));
  MediaTokens media;
  std::size_t bytes = 0;
  for (const json::Value part : content.children()) {
    if (!CountMedia(part, &media)) bytes += BytesOf(part.Find("text") ? part.Find("text") : part);
  }
  return media.images + media.audio + EstimateTokens(bytes);
}

std::int64_t MessageTokens(const json::Value& message) {
  std::int64_t tokens = ContentTokens(message.Find("content"));
  std::size_t bytes = 0;
  for (const json::Value member : message.children()) {
    if (member.key() != "content" && !IsFrame(member.key())) bytes += BytesOf(member);
  }
  return tokens + EstimateTokens(bytes);
}

}  // namespace

std::int64_t EstimateTokens(std::size_t bytes) {
  return static_cast<std::int64_t>((bytes + 3) / 4);
}

std::int64_t EstimatePromptTokens(const json::Value& request) {
  std::int64_t tokens = 0;
  for (const json::Value message : request.Find("messages").children()) {
    tokens += kTokensPerMessage + MessageTokens(message);
  }
  std::size_t bytes = 0;
  for (const std::string_view field :
       {"tools", "functions", "response_format", "input", "prompt"}) {
    bytes += BytesOf(request.Find(field));
  }
  return tokens + EstimateTokens(bytes);
}

std::int64_t EstimateAnswerTokens(const json::Value& message) { return MessageTokens(message); }

MediaTokens EstimateMediaTokens(const json::Value& request) {
  MediaTokens media;
  for (const json::Value message : request.Find("messages").children()) {
    for (const json::Value part : message.Find("content").children()) CountMedia(part, &media);
  }
  return media;
}

std::int64_t EstimateAudioTokens(std::string_view base64, std::string_view format) {
  // A WAV file says its bytes a second at 28; what is compressed has 128 kbit/s, mostly.
  constexpr std::size_t kRateAt = 28;
  constexpr double kCompressed = 16'000;
  double rate = kCompressed;
  const std::string head = DecodeHead(base64.substr(0, 64));
  if ((format == "wav" || head.starts_with("RIFF")) && head.size() >= kRateAt + 4) {
    std::uint32_t said = 0;
    for (std::size_t i = 4; i-- > 0;) {
      said = said << 8 | static_cast<unsigned char>(head[kRateAt + i]);
    }
    rate = std::max(static_cast<double>(said), 1'000.0);
  }
  const double seconds = static_cast<double>(base64.size()) * 3 / 4 / rate;
  return static_cast<std::int64_t>(std::ceil(seconds * kTokensPerSecond));
}

std::int64_t EstimatePictureTokens(std::string_view url, std::string_view detail) {
  if (detail == "low") return kTokensPerPicture;
  const auto data = ParseDataUrl(url);
  const PictureSize size = (data ? SizeOfPicture(data->base64) : std::nullopt).value_or(kUsualSize);
  double width = size.width;
  double height = size.height;
  const double fit = std::min(1.0, kLongestSide / std::max(width, height));
  const double shrink = std::min(1.0, kShorterSide / (std::min(width, height) * fit));
  width *= fit * shrink;
  height *= fit * shrink;
  const double tiles = std::ceil(width / kTile) * std::ceil(height / kTile);
  return kTokensPerPicture + kTokensPerTile * static_cast<std::int64_t>(tiles);
}

Usage Settled(Usage usage, const json::Value& request, std::int64_t answer) {
  if (usage.estimated) usage.completion_tokens = answer;
  if (usage.estimated || usage.prompt_tokens == 0) {
    usage.prompt_tokens = EstimatePromptTokens(request);
  }
  return usage;
}

}  // namespace moerge
