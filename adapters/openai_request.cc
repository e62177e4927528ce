#include "adapters/openai_request.h"

#include "adapters/openai_fields.h"

namespace moerge {
namespace {

constexpr std::string_view kStreamMember = "\"stream\":true";
constexpr std::string_view kUsageOptions = "\"stream_options\":{\"include_usage\":true}";

// The client's options, and that the usage is wanted.
std::string OptionsWithUsage(const json::Value& options) {
  if (!options.is_object() || options.size() == 0) return std::string(kUsageOptions);
  std::string out = "\"stream_options\":";
  json::Writer writer(&out);
  writer.BeginObject().Field("include_usage", true);
  for (const json::Value member : options.children()) {
    if (member.key() != "include_usage") writer.Key(member.key()).Raw(member.raw());
  }
  writer.EndObject();
  return out;
}

class Splicer {
 public:
  Splicer(std::string_view text, std::vector<std::string_view>* pieces)
      : text_(text), pieces_(*pieces) {}

  void Open() { pieces_.push_back("{"); }

  // A member as it stands; joined with the one before it if that one was kept too.
  void Keep(std::size_t begin, std::size_t end) {
    if (run_ && follows_) {
      pieces_.back() = text_.substr(run_begin_, end - run_begin_);
    } else {
      Separate();
      run_begin_ = begin;
      pieces_.push_back(text_.substr(begin, end - begin));
    }
    run_ = follows_ = true;
  }

  // The member that came next in the text is left out.
  void Drop() { follows_ = false; }

  void Add(std::string_view piece) {
    Separate();
    pieces_.push_back(piece);
    run_ = false;
  }

  void Close() { pieces_.push_back("}"); }

 private:
  void Separate() {
    if (!first_) pieces_.push_back(",");
    first_ = false;
  }

  std::string_view text_;
  std::vector<std::string_view>& pieces_;
  std::size_t run_begin_ = 0;
  bool run_ = false;      // the last piece is text that may be extended
  bool follows_ = false;  // nothing was left out since
  bool first_ = true;
};

bool LeaveOut(const json::Value& member, std::string_view key, std::optional<bool> stream) {
  if (key == "moerge") return true;
  if (!stream) return false;
  if (key == "stream_options") return !*stream;
  return key == "stream" && member.AsBool() != stream;
}

}  // namespace

void SpliceBody(const ChatBody& body, std::string_view model, std::optional<bool> stream,
                AskUsage usage, SplicedBody* out) {
  out->glue = "\"model\":";
  json::AppendQuoted(model, &out->glue);
  out->pieces.clear();
  out->pieces.reserve(8);
  Splicer splicer(body.text(), &out->pieces);
  splicer.Open();
  bool has_model = false;
  bool has_stream = false;
  const bool ask = stream == true && usage == AskUsage::kAlways && !WantsUsage(body.root());
  if (ask) out->options = OptionsWithUsage(body.Field("stream_options"));
  for (const json::Value member : body.root().children()) {
    const std::string_view key = member.key();
    if (key == "model") {
      has_model = true;
      splicer.Add(out->glue);
    } else if (LeaveOut(member, key, stream) || (ask && key == "stream_options")) {
      splicer.Drop();
    } else {
      has_stream = has_stream || key == "stream";
      splicer.Keep(member.member_begin(), member.end());
    }
  }
  if (!has_model) splicer.Add(out->glue);
  if (stream == true && !has_stream) splicer.Add(kStreamMember);
  if (ask) splicer.Add(out->options);
  splicer.Close();
}

}  // namespace moerge
