#include "services/cli/batch_text.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>

#include "config/base/text.h"
#include "services/cli/text_table.h"
#include "services/cli/texts.h"

namespace moerge::cli {
namespace {

constexpr std::int64_t kBarWidth = 30;
constexpr std::size_t kExpertsInLine = 4;

std::int64_t CountIn(json::Value object, std::string_view field) {
  return object.Find(field).AsInt().value_or(0);
}

struct BatchCounts {
  explicit BatchCounts(json::Value batch)
      : total(CountIn(batch.Find("request_counts"), "total")),
        answered(CountIn(batch.Find("request_counts"), "completed")),
        failed(CountIn(batch.Find("request_counts"), "failed")) {}
  std::int64_t done() const { return answered + failed; }
  // Of `whole`, rounded down.
  std::int64_t Share(std::int64_t whole) const { return total > 0 ? done() * whole / total : 0; }

  std::int64_t total, answered, failed;
};

std::string SpanText(std::int64_t seconds) {
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min";
  return std::to_string(seconds / 3600) + " h";
}

// "ada 250, clio 253 of 300"
std::string ExpertsText(json::Value experts) {
  std::string text;
  std::size_t shown = 0;
  for (const json::Value each : experts.children()) {
    if (shown++ == kExpertsInLine) return text + ", ...";
    text += (text.empty() ? "" : ", ") + TextOf(each.Find("expert")) + " " +
            std::to_string(CountIn(each, "answered"));
    if (const std::int64_t planned = CountIn(each, "planned"); planned > 0) {
      text += " of " + std::to_string(planned);
    }
  }
  return text;
}

// "300 lines assigned together: 200 rerouted, 0.031 score points less on average".
std::string AssignedText(json::Value assigned) {
  if (!assigned.is_object()) return {};
  const double lost = assigned.Find("score_lost").AsDouble().value_or(0);
  return std::to_string(CountIn(assigned, "requests")) +
         " lines assigned together: " + std::to_string(CountIn(assigned, "rerouted")) +
         " rerouted, " + FormatNumber(lost, 3) + " score points less on average\n";
}

}  // namespace

bool IsOver(json::Value batch) {
  constexpr std::string_view kOver[] = {"completed", "failed", "expired", "cancelled"};
  return std::ranges::find(kOver, batch.Find("status").AsString().value_or("")) != std::end(kOver);
}

int TenthOf(json::Value batch) { return static_cast<int>(BatchCounts(batch).Share(10)); }

std::string ProgressLine(json::Value batch) {
  const BatchCounts counts(batch);
  const auto filled = static_cast<std::size_t>(counts.Share(kBarWidth));
  std::string line = "[" + std::string(filled, '#') +
                     std::string(static_cast<std::size_t>(kBarWidth) - filled, ' ') + "] " +
                     std::to_string(counts.Share(100)) + " %  " + TextOf(batch.Find("status")) +
                     ", " + std::to_string(counts.done()) + " of " + std::to_string(counts.total) +
                     " lines";
  if (counts.failed > 0) line += ", " + std::to_string(counts.failed) + " failed";
  const json::Value more = batch.Find("moerge");
  if (const auto rate = more.Find("lines_per_second").AsDouble(); rate && *rate > 0) {
    line += ", " + FormatNumber(*rate, 3) + "/s";
  }
  if (const auto left = more.Find("seconds_left").AsInt()) line += ", " + SpanText(*left) + " left";
  const std::string experts = ExpertsText(more.Find("experts"));
  return experts.empty() ? line : line + " | " + experts;
}

std::string DescribeBatch(json::Value batch) {
  const BatchCounts counts(batch);
  std::string text = TextOf(batch.Find("id")) + " " + TextOf(batch.Find("status")) + ": " +
                     std::to_string(counts.answered) + " of " + std::to_string(counts.total) +
                     " lines answered, " + std::to_string(counts.failed) + " failed\n";
  for (const json::Value fault : batch.Find("errors").Find("data").children()) {
    const std::int64_t line = CountIn(fault, "line");
    text += (line > 0 ? "line " + std::to_string(line) + ": " : std::string()) +
            TextOf(fault.Find("message")) + "\n";
  }
  text += AssignedText(batch.Find("moerge").Find("assigned"));
  TextTable table({"EXPERT", "ANSWERED", "FAILED"});
  bool any = false;
  for (const json::Value each : batch.Find("moerge").Find("experts").children()) {
    any = true;
    table.Add({TextOf(each.Find("expert")), std::to_string(CountIn(each, "answered")),
               std::to_string(CountIn(each, "failed"))});
  }
  return any ? text + table.Format() : text;
}

std::vector<std::string> BatchCells(json::Value batch) {
  const BatchCounts counts(batch);
  return {TextOf(batch.Find("id")),
          TextOf(batch.Find("status")),
          std::to_string(counts.total),
          std::to_string(counts.answered),
          std::to_string(counts.failed),
          FormatTime(std::chrono::system_clock::time_point(
              std::chrono::seconds(CountIn(batch, "created_at")))),
          TextOf(batch.Find("endpoint"))};
}

}  // namespace moerge::cli
