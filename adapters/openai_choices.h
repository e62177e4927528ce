// Replies that say in another shape what OpenAI's schema has a place for, or leave out what it
// requires, put into it: who and when, content in parts, one call that stands where an array of
// them belongs, choices without a number, other words for how an answer ended, counts by other
// names. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/base/json.h"

namespace moerge {

// What is noted of it.
constexpr std::string_view kOtherShape = "the answer was put into OpenAI's shape";

// What all chunks of a stream say alike, and what is known of it from its request.
struct ReplyFrame {
  bool whole = false;        // a whole reply
  bool one_choice = false;   // no more were asked for
  std::string id = {};       // as JSON; empty: none was said yet
  std::int64_t created = 0;  // seconds since 1970; 0: not said yet
};

// Whether a content is text, parts of any kind, or one part that becomes text.
bool CanBeText(const json::Value& content);

// The whole reply or chunk in place of `reply`; empty: it is in shape. Text parts become the
// content, thinking parts `reasoning_content`; content with any other part stays. Calls that
// say nothing are left out. What the frame does not know yet it takes from the reply, or makes.
std::string MendShape(const json::Document& reply, ReplyFrame* frame);

// Whether a `usage` that counts does not say it as OpenAI does.
bool LacksCounts(const json::Value& usage);

}  // namespace moerge
