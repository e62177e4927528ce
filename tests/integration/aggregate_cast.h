// The experts of a round of any aggregate, played behind one socket: a, b and c who answer, w who
// writes for them, j who judges them. They know what they are asked for by the words of the
// prompts.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tests/integration/scripted_model.h"

namespace moerge::test {

struct AskedOf {
  std::string expert;
  std::string_view role;  // "answer", "rebuttal", "layer", "write", "viewpoints", "verdict"
  std::string body;
};

// "b:x a:y" -> "a:y b:x"
std::string Sorted(std::vector<std::string> words);

// Thread-safe.
class Cast {
 public:
  using Words = std::function<std::string(const AskedOf&)>;

  Cast();

  // What an expert says whenever it is asked for that; `role` "": whatever it is asked for, in
  // place of all it was told before.
  void Says(const std::string& expert, std::string_view role, const std::string& text);
  // The whole HTTP reply.
  void Sends(const std::string& expert, std::string_view role, const std::string& raw);
  void Hangs(const std::string& expert, std::string_view role);
  // What all say from the start: three different answers, of which the writer and the judge hold
  // with b's. Forgets what was asked.
  void Rehearse();

  // What to ask. Calls of before the last rehearsal, which may arrive late, are not answered.
  std::string Prompt() const;

  std::vector<AskedOf> asked() const;
  // "a:answer b:answer w:write", sorted.
  std::string AskedFor() const;
  // The last body that was sent for `role`.
  std::string BodyFor(std::string_view role) const;
  int aborted() const { return model_.aborted(); }
  // What all answers so far took.
  struct Totals {
    std::int64_t prompt_tokens = 0;
    std::int64_t completion_tokens = 0;
    double cost_usd = 0;
  };
  Totals totals() const;

  // YAML of a server with these experts; the writer and the judge are never the first choice.
  std::string Config(const std::string& policies, const std::string& store = "\"memory:\"") const;

 private:
  struct Line {
    Words words = {};
    std::string raw = {};
    bool hangs = false;
  };

  void Set(const std::string& expert, std::string_view role, Line line);
  std::optional<std::string> Play(const std::string& request);
  std::string Speak(const AskedOf& asked, const std::string& text);

  mutable std::mutex mutex_;
  std::map<std::string, Line> lines_;  // by "expert:role"; guarded by mutex_
  std::vector<AskedOf> asked_;         // guarded by mutex_
  std::atomic<int> take_ = 0;
  Totals totals_;        // guarded by mutex_
  ScriptedModel model_;  // last: its threads end first
};

}  // namespace moerge::test
