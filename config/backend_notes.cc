#include "config/backend_notes.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "config/base/text.h"
#include "config/yaml/environment.h"

namespace moerge {
namespace {

class BackendNotes {
 public:
  explicit BackendNotes(const Backend& backend) : backend_(backend) {}

  std::vector<std::string> Take() && {
    NoteKey();
    NoteValues("headers", backend_.headers);
    NoteValues("query", backend_.query);
    NoteEndpoint();
    return std::move(notes_);
  }

 private:
  void Add(std::string text) {
    notes_.push_back("backend `" + backend_.name + "`: " + std::move(text));
  }

  void NoteKey() {
    const std::string& name = backend_.api_key_env;
    if (name.empty()) return;
    const char* value = std::getenv(name.c_str());
    const std::string_view text = value == nullptr ? std::string_view() : value;
    const std::string variable = "the environment variable " + name + " (api_key_env) ";
    if (Trim(text).empty()) {
      Add(variable + (value == nullptr ? "is not set" : "is empty") + ": requests go without it");
    } else if (HasControl(Trim(text))) {
      Add(variable +
          "holds a line break or another control character, which no header can carry: set it to "
          "one line");
    } else if (text.find_first_of("\r\n") != text.npos) {
      Add(variable + "ends in a line break, which is left out");
    }
  }

  // Of headers and parameters: what is left out, and what no header can carry.
  void NoteValues(const std::string& field, const std::map<std::string, std::string>& values) {
    for (const auto& each : values) {
      const std::string where = field + "." + each.first;
      const std::string left_out =
          field == "query" ? "; the parameter is left out" : "; the header is left out";
      std::string why;
      FillEnvironment(each.second, [&why](std::string what) { why = std::move(what); });
      const std::optional<std::string> sent = SentValue(each.second);
      if (!sent && why.empty()) why = "what its variables hold is empty";
      if (!why.empty()) {
        Add(where + ": " + why + left_out);
      } else if (field == "headers" && HasControl(*sent)) {
        Add(where +
            " holds a line break or another control character, which no header can "
            "carry: set its variables to one line");
      }
    }
  }

  // What the protocol's paths end in, which moerge adds to the address itself.
  void NoteEndpoint() {
    constexpr std::string_view kEndpoints[] = {"/chat/completions", "/completions",  "/embeddings",
                                               "/responses",        "/messages",     "/models",
                                               "/api/chat",         "/api/generate", "/api/tags"};
    const std::string_view url = backend_.base_url;
    for (const std::string_view endpoint : kEndpoints) {
      if (!url.ends_with(endpoint)) continue;
      const std::string_view base = url.substr(0, url.size() - endpoint.size());
      return Add("its base_url ends in " + std::string(endpoint) +
                 ", a whole endpoint; moerge adds that itself: write " + std::string(base));
    }
  }

  const Backend& backend_;
  std::vector<std::string> notes_;
};

}  // namespace

std::vector<std::string> NotesOf(const Backend& backend) { return BackendNotes(backend).Take(); }

std::vector<std::string> NotesOf(const std::vector<Backend>& backends) {
  std::vector<std::string> all;
  for (const Backend& backend : backends) {
    for (std::string& note : NotesOf(backend)) all.push_back(std::move(note));
  }
  return all;
}

}  // namespace moerge
