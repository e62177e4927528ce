// The turns of a conversation as Anthropic's API wants them: user and assistant by turns, the user
// first, none empty, every call of a tool answered in the very next turn, results in front. Pure;
// not thread-safe.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/json.h"

namespace moerge::anthropic {

struct Block {
  enum class Kind { kText, kThinking, kToolUse, kToolResult, kOther };
  Kind kind = Kind::kOther;
  std::string text;       // kText; of kToolResult what it says, in case that its call is not there
  std::string json;       // the whole block; kText: empty
  std::string id;         // of kToolUse and kToolResult
  std::string name;       // of kToolUse
  std::string mark = {};  // its cache_control, JSON; empty: none
};

// The block as the API takes it.
void WriteBlock(const Block& block, json::Writer* writer);

// Keeps the last `*most` of the marks and says in it how many are left; false: there were more.
bool KeepLastMarks(std::vector<Block>& blocks, std::size_t* most);

struct Turn {
  bool assistant = false;
  std::vector<Block> blocks;
  bool had_results = false;  // which are with their calls now
};

class Turns {
 public:
  // Adds to the last turn if it is the same side's. An assistant's without blocks is nothing.
  void Add(bool assistant, std::vector<Block> blocks);
  // An id that the API takes, for a call that the client's history names `id`; no two calls have
  // the same.
  std::string IdOfCall(std::string_view id, std::string_view name = {});
  // The id of the first call under way that the history names `id`, or the latest of an earlier
  // turn; of one of the tool `name` under way, where the result names no id; empty: there is none,
  // or it has its result.
  std::string IdOfResult(std::string_view id, std::string_view name = {});

  bool empty() const { return turns_.empty(); }
  // Brings all into the order that the API wants. `alone` is what the user says if there is no
  // turn.
  void Arrange(std::string alone);
  void Write(json::Writer* writer) const;
  // Keeps the last `most` of the marks where the API's cache is to begin. False: there were more.
  bool KeepMarks(std::size_t most);

  // Names of tools that were called; valid after Arrange.
  const std::set<std::string>& tools_used() const { return tools_used_; }
  // Whether the model may think: behind a call under way the API wants its thoughts kept, if it is
  // `strict` about them.
  bool MayThink(bool strict) const;

 private:
  struct OpenCall {
    std::string id;  // the client's
    std::string name;
    std::string ours;
  };

  static std::string TakeCall(std::vector<OpenCall>::iterator call, std::vector<OpenCall>* calls);
  void AnswerCalls();
  void AnswerCallsOf(std::size_t turn, std::map<std::string, Block>* results);
  // All results of calls, out of their turns; what answers no call becomes text.
  std::map<std::string, Block> TakeResults();

  std::vector<Turn> turns_;
  std::vector<OpenCall> open_calls_;        // of the latest turn that called
  std::vector<OpenCall> late_calls_;        // of those before
  bool answered_ = false;                   // it is over
  std::set<std::string, std::less<>> ids_;  // taken
  std::set<std::string> tools_used_;
};

}  // namespace moerge::anthropic
